import type { Fault, Scope } from '../kind.ts'
import { isAddress, isLoopbackHost, ownerOfAddress } from '../network-address.ts'
import type { GatewayConfig } from './gateway-schema.ts'

const PRIVATE: Fault = {
  severity: 'notice',
  rule: 'upstream/private-address',
  message: 'this upstream is on this machine or in a private network',
}

/** Tells of each route whose upstream is written as a loopback or private address; `scope` is that of the file. */
export function noticePrivateUpstreams(
  { routes = [] }: Partial<GatewayConfig>,
  scope: Scope,
): void {
  for (const [index, { upstream }] of routes.entries()) {
    const { url, addresses } = typeof upstream === 'string' ? { url: upstream } : upstream
    const hosts = addresses?.map(({ host }) => host) ?? [new URL(url).hostname]
    if (hosts.some(isPrivate)) scope.report(['routes', index, 'upstream'], PRIVATE)
  }
}

function isPrivate(host: string): boolean {
  return isAddress(host) ? ownerOfAddress(host) !== 'public' : isLoopbackHost(host)
}
