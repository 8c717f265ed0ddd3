import type { Scope } from '../../kind.ts'
import { isAddress, isLoopbackHost, isMetadataAddress } from '../../network-address.ts'
import { readCertificates } from '../certificate.ts'
import { type Refuse, refusing } from '../report.ts'
import { isAllowedAddress } from './allowed-address.ts'
import type { KeySets } from './key-sets.ts'
import type { RemoteSetConfig, VerifyingKeyConfig } from './verifying-key-config.ts'
import type { VerifyingKeys } from './verifying-keys.ts'

const MINUTE = 60_000

/** The keys of a JWK set at a URL, which is checked but not yet asked. Undefined after an error was reported. */
export async function loadRemoteKeySet(
  written: NonNullable<VerifyingKeyConfig['jwksUrl']>,
  beside: Pick<VerifyingKeyConfig, 'allowInsecure'>,
  keySets: KeySets,
  scope: Scope,
): Promise<VerifyingKeys | undefined> {
  const config: RemoteSetConfig = typeof written === 'string' ? { url: written } : written
  const place = scope.at('jwksUrl')
  const path = typeof written === 'string' ? [] : ['url']
  const allow = {
    insecure: config.allowInsecure ?? beside.allowInsecure ?? false,
    privateAddresses: config.allowPrivateAddresses ?? false,
  }
  const refuse = refusing((fault) => place.report(path, fault))
  const url = checkUrl(config.url, allow, refuse)
  const certificates =
    config.ca === undefined ? [] : await readCertificates({ file: config.ca }, place.at('ca'))
  if (url === undefined || certificates === undefined) return undefined
  const { refresh = 10 * MINUTE, maxStale = 24 * 60 * MINUTE, cooldown = MINUTE / 2 } = config
  return keySets.get({
    url,
    allowPrivateAddresses: allow.privateAddresses,
    ...(certificates.length > 0 && { ca: certificates.map(String).join('') }),
    refresh,
    maxStale,
    cooldown,
  })
}

/** The URL as it is asked; no message quotes it, for a query may hold a token. */
function checkUrl(
  text: string,
  allow: { readonly insecure: boolean; readonly privateAddresses: boolean },
  refuse: Refuse,
): string | undefined {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return refuse('key/url', 'expected an https URL', 'write https://HOST/PATH')
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    return refuse(
      'key/url',
      'expected a URL without user name, password and fragment',
      'a JWK set is public: it is asked for without credentials',
    )
  }
  if (isMetadataAddress(url.hostname)) {
    return refuse(
      'key/url',
      'expected a host that is not link-local and not a metadata service',
      'no request may reach what holds credentials',
    )
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname) && !allow.insecure) {
    return refuse(
      'key/url',
      'expected https, or http to this machine itself',
      'whoever stands between may put in keys of their own; allowInsecure: true accepts that',
    )
  }
  const { hostname } = url
  if (isAddress(hostname) && !isAllowedAddress(hostname, hostname, allow.privateAddresses)) {
    return refuse(
      'key/url',
      'expected a public address',
      'for an issuer in a private network write jwksUrl: { url, allowPrivateAddresses: true }',
    )
  }
  return url.href
}
