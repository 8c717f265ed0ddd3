import type { KeyObject } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { createVerifier } from 'fast-jwt'
import { freePort } from './listening.ts'

/** An upstream that lets in only requests with a good token, and remembers what it saw. */
export interface VerifyingUpstream {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Why requests were answered 401, in words; one entry a request. */
  readonly rejections: readonly string[]
  /** The claims of every token that was good, by its text. */
  readonly tokens: ReadonlyMap<string, Claims>
  close(): Promise<void>
}

/** The claims that the long runs look at. */
export interface Claims {
  readonly sub: string
  readonly iat: number
  readonly exp: number
}

/** How an upstream judges. */
export interface VerifyingOptions {
  /** Verifies ES256 or RS256. */
  readonly publicKey: KeyObject
  /** True time in milliseconds since the epoch. Default: the system's. */
  readonly now?: () => number
  /** False for a request that is let in whatever it carries. Default: none is. */
  readonly judges?: (request: IncomingMessage) => boolean
}

/** Seconds by which a token may be from the future. */
const SKEW = 1

/** Starts an upstream whose answers are 200, or 401 for a token that is missing, forged, expired or not yet good. */
export async function startVerifyingUpstream(
  options: VerifyingOptions,
): Promise<VerifyingUpstream> {
  const { publicKey, now = Date.now, judges = () => true } = options
  const rejections: string[] = []
  const tokens = new Map<string, Claims>()
  const read = createVerifier({
    key: publicKey.export({ type: 'spki', format: 'pem' }),
    algorithms: [publicKey.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256'],
    ignoreExpiration: true,
  }) as (token: string) => Claims

  function judge(authorization: string): string | undefined {
    const token = authorization.replace(/^Bearer /, '')
    let claims = tokens.get(token)
    try {
      claims ??= read(token)
    } catch (error) {
      return `no good token: ${(error as Error).message}`
    }
    tokens.set(token, claims)
    const seconds = now() / 1000
    if (claims.exp <= seconds) return `expired for ${seconds - claims.exp} s`
    if (claims.iat > seconds + SKEW) return `from the future by ${claims.iat - seconds} s`
    return undefined
  }

  const server = createServer((request, response) => {
    const rejection = judges(request) ? judge(request.headers.authorization ?? '') : undefined
    if (rejection !== undefined) rejections.push(rejection)
    response.writeHead(rejection === undefined ? 200 : 401).end()
  })
  const port = await freePort(server)
  return {
    url: `http://127.0.0.1:${port}`,
    rejections,
    tokens,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
