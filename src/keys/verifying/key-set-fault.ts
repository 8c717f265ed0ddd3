/** Why a JWK set was not fetched; holds nothing of the answer. */
export class KeySetFault extends Error {
  /** A status (`http-500`), the code of a network error, or `address`, `timeout`, `too-large`, `parse`. */
  readonly code: string

  constructor(code: string, options?: ErrorOptions) {
    super('expected a JWK set from its URL', options)
    this.name = 'KeySetFault'
    this.code = code
  }
}
