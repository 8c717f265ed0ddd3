import { formatAddress } from '../../address.ts'
import type { Fault } from '../../kind.ts'

/** `spec.address` of an ApiInstance: where its consumers reach it. */
export interface ProxyAddress {
  /** `HOST:PORT`. */
  readonly listen: string
  /** Without a slash at the end; empty for all paths. */
  readonly basePath: string
}

const HINT = 'write http://HOST:PORT or http://HOST:PORT/PATH'

/** Reads `protocol://host:port/path`, or says what is wrong with it. */
export function proxyAddress(text: string): ProxyAddress | Fault {
  const url = URL.parse(text)
  const fault = { severity: 'error', rule: 'flex/address', hint: HINT } as const
  if (!url || !/^https?:\/\/[^/]/i.test(text)) {
    return { ...fault, message: 'expected the URL that consumers reach the API at' }
  }
  if (url.protocol === 'https:') {
    const message = 'expected http: a Flex file does not say which certificate to use'
    const hint = 'import the file, and write listen: { address, tls } in countersign.yaml'
    return { ...fault, message, hint }
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return { ...fault, message: 'expected a URL without user name, query and fragment' }
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const listen = formatAddress({ host, port: Number(url.port || 80) })
  return { listen, basePath: url.pathname.replace(/\/+$/, '') }
}
