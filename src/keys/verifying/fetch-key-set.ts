import { checkedLookup, type Resolve } from '../../checked-lookup.ts'
import { decodeUtf8 } from '../../utf8.ts'
import { isAllowedAddress } from './allowed-address.ts'
import { KeySetFault } from './key-set-fault.ts'

/** Bytes of an answer, keys in it, and milliseconds from the look-up of the name to the end of the body. */
const LIMIT = { bytes: 512 * 1024, keys: 200, time: 5000 } as const

/** Where a JWK set is, and who is believed there. */
export interface FetchOptions {
  readonly url: string
  readonly allowPrivateAddresses: boolean
  /** PEM text of the authorities that sign the server's certificate; absent: those that Node knows. */
  readonly ca?: string
}

/** What surrounds one fetch. */
export interface FetchSurroundings {
  /** Default: `dns.lookup`. */
  readonly resolve?: Resolve
  /** Milliseconds. Default 5000. */
  readonly timeout?: number
}

/**
 * The members of the JWK set at a URL, not yet looked at, by one GET without redirects, cookies or a proxy. What the
 * answer says of its media type and of caching is not asked. Of a JSON member that stands twice the last one counts
 * (RFC 7517 section 4). Rejects with a `KeySetFault`.
 */
export async function fetchKeySet(
  { url, allowPrivateAddresses, ca }: FetchOptions,
  { resolve, timeout = LIMIT.time }: FetchSurroundings = {},
): Promise<readonly unknown[]> {
  const isAllowed = (address: string, hostname: string) =>
    isAllowedAddress(address, hostname, allowPrivateAddresses)
  const lookup = checkedLookup(isAllowed, resolve)
  // what fetches nothing needs no client: it takes a tenth of a second to load
  const { Agent, request } = await import('undici')
  // One for each fetch: they are rare, and it takes everything with it, whatever the server does.
  const agent = new Agent({
    allowH2: false,
    connect: { timeout, lookup, rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    maxResponseSize: LIMIT.bytes,
  })
  const deadline = setTimeout(() => agent.destroy(new KeySetFault('timeout')), timeout)
  deadline.unref()
  try {
    const { statusCode, body } = await request(url, {
      dispatcher: agent,
      headers: { accept: 'application/jwk-set+json, application/json' },
    })
    if (statusCode !== 200) {
      body.on('error', () => undefined) // it ends with the agent
      throw new KeySetFault(`http-${statusCode}`)
    }
    return membersOf(await body.bytes())
  } catch (error) {
    throw asFault(error)
  } finally {
    clearTimeout(deadline)
    void agent.destroy().catch(() => undefined)
  }
}

function membersOf(bytes: Uint8Array): readonly unknown[] {
  let value: unknown
  try {
    value = JSON.parse(decodeUtf8(bytes)?.replace(/^\ufeff/, '') ?? '')
  } catch {
    throw new KeySetFault('parse')
  }
  if (typeof value !== 'object' || value === null || !('keys' in value)) {
    throw new KeySetFault('parse')
  }
  const { keys } = value
  if (!Array.isArray(keys)) throw new KeySetFault('parse')
  if (keys.length > LIMIT.keys) throw new KeySetFault('too-large')
  return keys
}

function asFault(error: unknown): KeySetFault {
  if (error instanceof KeySetFault) return error
  const { code, name } = error as NodeJS.ErrnoException
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return new KeySetFault('too-large')
  if (code === 'EADDRNOTALLOWED') return new KeySetFault('address')
  return new KeySetFault(code ?? name, { cause: error })
}
