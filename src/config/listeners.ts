import { X509Certificate } from 'node:crypto'
import type { Address } from '../address.ts'
import type { ListenerTls } from '../compiled.ts'
import type { Scope } from '../kind.ts'
import type { GatewayConfig } from './gateway-schema.ts'
import { readTls } from './tls-files.ts'
import { MIN_VERSION } from './tls-schema.ts'

type Listen = GatewayConfig['listen']

/** Addresses that a gateway file asks for. */
export interface Listeners extends Pick<GatewayConfig, 'management' | 'admin'> {
  readonly listen?: Address
}

/** The addresses that stand in a gateway file. */
export function listenersOf({ listen, management, admin }: Partial<GatewayConfig>): Listeners {
  const address = listen && 'address' in listen ? listen.address : listen
  return { management, admin, ...(address && { listen: address }) }
}

/**
 * Reads the PEM files for TLS of the proxy listener and checks that they belong together and that the certificate is
 * valid now. Undefined for a listener without TLS, or after an error was reported; `scope` is that of `listen.tls`.
 */
export async function readListenerTls(
  listen: Listen,
  scope: Scope,
): Promise<ListenerTls | undefined> {
  if (!listen || !('tls' in listen)) return undefined
  const { cert, key, clientCa, minVersion = MIN_VERSION } = listen.tls
  const naming = { rule: 'gateway/tls-file', ca: 'clientCa' }
  const read = await readTls({ cert, key, ca: clientCa }, scope, naming)
  if (read?.cert === undefined || !read.key) return undefined
  checkValidity(new X509Certificate(read.cert), scope)
  const { ca } = read
  return { cert: read.cert, key: read.key, minVersion, ...(ca !== undefined && { clientCa: ca }) }
}

function checkValidity({ validFrom, validTo }: X509Certificate, scope: Scope): void {
  const now = scope.environment.now()
  const isEarly = now < Date.parse(validFrom)
  if (!isEarly && now <= Date.parse(validTo)) return
  scope.report(['cert'], {
    // what serves already has expired as well
    severity: scope.serving ? 'warning' : 'error',
    rule: 'gateway/tls-expired',
    message: `expected a certificate that is valid now, this one ${isEarly ? 'begins later' : 'has expired'}`,
    hint: 'renew it; clients refuse it',
  })
}
