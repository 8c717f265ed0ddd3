import type { Path, Scope } from '../../kind.ts'

/** What is told of a fault of a remote signer; none of it holds a value of the answer. */
export interface RemoteFaultDetails {
  /** Lower-case, what was expected. */
  readonly message: string
  /** What to do about it, for the one who wrote the file. */
  readonly hint: string
  /** The member below the kind's own key that it is about: `['token']`. Default: the key itself. */
  readonly member?: Path
  /** True when the same may go well a moment later. Default false. */
  readonly isTransient?: boolean
}

/** Why a remote signer did not do what it was asked. Logs show its name and code. */
export class RemoteFault extends Error {
  /** A status (`http-403`, `CKR_PIN_INCORRECT`), the code of a network error, or a state (`timeout`, `breaker-open`). */
  readonly code: string
  readonly hint: string
  /** Below the kind's own key; below `privateKey` once the key is made. */
  readonly member: Path
  readonly isTransient: boolean

  constructor(code: string, details: RemoteFaultDetails, options?: ErrorOptions) {
    super(details.message, options)
    this.name = 'RemoteFault'
    this.code = code
    this.hint = details.hint
    this.member = details.member ?? []
    this.isTransient = details.isTransient ?? false
  }

  /** The same fault of a key that stands at `path` below `privateKey`, whose first step is the kind. */
  below([kind = '', ...name]: Path): RemoteFault {
    const { code, message, hint, isTransient } = this
    const member = [kind, ...(this.member.length > 0 ? this.member : name)]
    return new RemoteFault(code, { message, hint, member, isTransient }, { cause: this })
  }
}

/** What `open` gives; undefined after its `RemoteFault` was reported at the member that it is about. */
export async function reportingFaults<Product>(
  scope: Scope,
  open: () => Promise<Product>,
): Promise<Product | undefined> {
  try {
    return await open()
  } catch (error) {
    if (!(error instanceof RemoteFault)) throw error
    const { message, hint, member } = error
    scope.report(member, { severity: 'error', rule: 'key/unavailable', message, hint })
    return undefined
  }
}
