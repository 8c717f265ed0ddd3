import { type Address, bracketed, formatAddress } from '../address.ts'
import type { Route } from '../compiled.ts'
import type { Fault } from '../kind.ts'
import { isLoopbackHost } from '../network-address.ts'

/**
 * What is to be said of a proxy listener that others than this machine reach while a route lets every caller pass:
 * whoever reaches it gets requests signed. Undefined when there is nothing to say.
 */
export function openListener(
  listen: Address | undefined,
  routes: readonly Route[],
): Fault | undefined {
  const open = routes.find(({ admission }) => admission.isOpen)
  if (!listen || !open || isLocal(listen)) return undefined
  return {
    severity: 'warning',
    rule: 'listen/open',
    message: `expected the route "${open.name}" to ask who its callers are: whoever reaches ${formatAddress(listen)} gets requests signed`,
    hint: 'write authenticate: on the route, or listen on 127.0.0.1',
  }
}

function isLocal({ host }: Address): boolean {
  return isLoopbackHost(bracketed(host))
}
