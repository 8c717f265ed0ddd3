import { X509Certificate } from 'node:crypto'
import { resolve } from 'node:path'
import type { Scope } from '../../kind.ts'
import { isLoopbackHost } from '../../network-address.ts'
import type { RemoteKey } from '../key-material.ts'
import { createGuard, DEFAULT_TIMEOUT } from './guard.ts'
import { RemoteFault } from './remote-fault.ts'
import { createRemoteKey } from './remote-key.ts'
import { readSecret, type SecretReference } from './secret-reference.ts'
import { createTransitClient } from './transit-client.ts'
import { readTransitKey } from './transit-key.ts'

/** `vaultTransit` as written. */
export interface TransitConfig {
  readonly address: string
  /** Default `transit`. */
  readonly mount?: string | undefined
  readonly key: string
  /** Default: the latest. */
  readonly version?: number | undefined
  readonly token: SecretReference
  readonly namespace?: string | undefined
  /** Path of a PEM file. */
  readonly ca?: string | undefined
  /** Milliseconds of one attempt. Default 2000. */
  readonly timeout?: number | undefined
}

/** Reads a key in the Transit secrets engine. Rejects with a `RemoteFault`. */
export async function openTransit(config: TransitConfig, scope: Scope): Promise<RemoteKey> {
  const { mount = 'transit', key, version, timeout = DEFAULT_TIMEOUT } = config
  const client = await createTransitClient({
    origin: originOf(config.address),
    namespace: config.namespace,
    ca: config.ca === undefined ? undefined : await readAuthorities(config.ca, scope),
    timeout,
    readToken: () => readSecret(config.token, scope, ['token']),
  })
  const guard = createGuard({ timeout, monotonic: scope.environment.monotonic })
  const read = await guard.run((signal) => readTransitKey(client, { mount, key, version }, signal))
  return createRemoteKey({ ...read, guard, origin: 'Vault Transit', path: ['vaultTransit', 'key'] })
}

function originOf(address: string): string {
  const url = URL.parse(address)
  const isLocal = url?.protocol === 'http:' && isLoopbackHost(url.hostname)
  const isAllowed = url?.protocol === 'https:' || isLocal
  if (url && isAllowed && url.href === `${url.origin}/`) return url.origin
  throw new RemoteFault('address', {
    message: 'expected https://HOST:PORT and nothing more',
    hint: 'http is for this machine itself (127.0.0.1, [::1], localhost): the token must not travel in the clear',
    member: ['address'],
  })
}

async function readAuthorities(path: string, { environment, folder }: Scope): Promise<string> {
  try {
    const text = (await environment.readFile(resolve(folder, path))).toString('latin1')
    new X509Certificate(text) // the first of them at least
    return text
  } catch (cause) {
    const details = {
      message: 'expected a file of certificates in PEM',
      hint: 'name the file of the authority that signed the certificate of the server',
      member: ['ca'],
    }
    throw new RemoteFault('ca', details, { cause })
  }
}
