import type { Unopened } from './methods.ts'

/** The workers cannot start; `message` says why, unless `unopened` does. */
export class StartFault extends Error {
  readonly unopened: Unopened | undefined

  constructor(message: string, unopened?: Unopened) {
    super(message)
    this.name = 'StartFault'
    this.unopened = unopened
  }
}
