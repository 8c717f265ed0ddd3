import { parseAddressRange } from '../address-range.ts'
import type { Scope } from '../kind.ts'
import type { GatewayConfig } from './gateway-schema.ts'

/** Warns of `trustedProxies` that are everywhere: then each client says itself where it comes from. `scope` is that of the file. */
export function warnOfEveryProxy(
  { trustedProxies = [] }: Partial<GatewayConfig>,
  scope: Scope,
): void {
  for (const [index, text] of trustedProxies.entries()) {
    if (parseAddressRange(text)?.prefix !== 0) continue
    scope.report(['trustedProxies', index], {
      severity: 'warning',
      rule: 'gateway/trusts-everyone',
      message: 'expected the addresses of proxies: from everywhere, every client may say who it is',
      hint: 'list the proxies in front alone, such as 10.0.0.0/8',
    })
  }
}
