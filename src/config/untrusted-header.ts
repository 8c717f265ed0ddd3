import { formatAddress } from '../address.ts'
import { parseAddressRange, peerList } from '../address-range.ts'
import { fold } from '../header-name.ts'
import { isForwardedField } from '../http/index.ts'
import type { Scope } from '../kind.ts'
import type { GatewayConfig } from './gateway-schema.ts'

/**
 * Warns of fields of proxies (`X-Forwarded-User`) that a `trustedHeader` authenticator is to believe of peers outside
 * of `trustedProxies`: they are taken off before anybody reads them. `scope` is that of the file.
 */
export function warnOfUntrustedHeaders(
  { authenticators = {}, trustedProxies = [] }: Partial<GatewayConfig>,
  scope: Scope,
): void {
  for (const [authenticator, { trustedHeader }] of Object.entries(authenticators)) {
    if (!trustedHeader || !isForwardedField(fold(trustedHeader.name))) continue
    for (const [index, range] of trustedHeader.from.entries()) {
      if (trustedProxies.some((proxies) => isWithin(range, proxies))) continue
      scope.report(['authenticators', authenticator, 'trustedHeader', 'from', index], {
        severity: 'warning',
        rule: 'authenticator/no-trusted-proxy',
        message: `expected these addresses in trustedProxies: "${trustedHeader.name}" of others is taken off unread`,
        hint: 'list them there, or name a field that does not begin with X-Forwarded',
      })
    }
  }
}

function isWithin(inner: string, outer: string): boolean {
  const [one, other] = [parseAddressRange(inner), parseAddressRange(outer)]
  if (!one || !other || one.family !== other.family || one.prefix < other.prefix) return false
  return peerList([outer])(formatAddress({ host: one.address, port: 0 }))
}
