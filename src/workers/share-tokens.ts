import { hash } from 'node:crypto'
import type { PolicyOptions } from '../config/index.ts'
import type { Call } from './calls.ts'
import { faultOf } from './fault.ts'
import type { PrimaryMethods } from './methods.ts'

/**
 * Shares tokens through the primary: who asks first makes one, the others get it. `generation` is that of the reading
 * which serves now, so that none gets a token of another one.
 */
export function shareTokens(
  call: Call<PrimaryMethods>,
  generation: () => number,
): NonNullable<PolicyOptions['share']> {
  return (policy) =>
    async <Token>(key: string, until: number, make: () => Promise<Token>) => {
      const digest = hash('sha256', JSON.stringify([policy, key]), 'base64')
      const shared = { generation: generation(), digest, until }
      const { token } = await call('token', shared)
      if (token !== undefined) return token as Token
      try {
        const made = await make()
        tell(call('made', { key: shared, token: made }))
        return made
      } catch (error) {
        tell(call('failed', { key: shared, fault: faultOf(error) }))
        throw error
      }
    }
}

/** Nobody is left to tell when the primary has gone: this process ends then. */
function tell(told: Promise<void>): void {
  told.catch(() => {})
}
