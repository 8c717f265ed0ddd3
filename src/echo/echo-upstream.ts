import { hash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { LRUCache } from 'lru-cache'
import { createVerifier, type Verifier } from '../keys/index.ts'
import type { JsonObject } from '../types.ts'
import { type FoundToken, findTokens } from './find-token.ts'
import { timesInWords } from './time-in-words.ts'

/** One token as the echo upstream saw it. */
export interface SeenToken {
  /** `header authorization`, `query token`, `cookie`, `body`. */
  readonly location: string
  readonly verified: boolean
  /** Why it did not verify. */
  readonly reason?: string
  /** True when an earlier request carried this very token. */
  readonly seenBefore: boolean
  readonly header: JsonObject
  readonly claims?: JsonObject
  /** `iat`, `nbf` and `exp` as times and in words. */
  readonly times?: Readonly<Record<string, string>>
}

/** What the echo upstream answers: what it saw of the request. */
export interface EchoAnswer {
  /** The request line. */
  readonly request: string
  /** True when there is a token and every token verifies. */
  readonly verified: boolean
  /** True when an earlier request carried one of the tokens. */
  readonly seenBefore: boolean
  /** The first token. */
  readonly token?: SeenToken
  /** Every token, when there are several. */
  readonly tokens?: readonly SeenToken[]
  /** By lower-case name; an array when a name has several lines. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** The body as text, when there is one: its beginning, of a long one. */
  readonly body?: string
  /** Bytes of the whole body. */
  readonly bodyBytes?: number
}

/** Most bytes of a body that are searched for tokens; the rest is only counted. */
const BODY_LIMIT = 1024 * 1024
const BODY_SHOWN = 2048
const TOKENS_LIMIT = 20

/**
 * An upstream that answers every request with what it saw and verifies each token it finds with the JWK
 * set at `jwksUrl`, asked for when the first token arrives. `now` is a clock in milliseconds. It listens nowhere yet.
 */
export function createEchoUpstream(jwksUrl: () => URL, now: () => number): Server {
  const seen = new LRUCache<string, true>({ max: 10_000 })
  let verifier: Verifier | undefined

  async function look({ token, ...found }: FoundToken): Promise<SeenToken> {
    verifier ??= createVerifier(jwksUrl())
    const digest = hash('sha256', token)
    const seenBefore = seen.has(digest)
    seen.set(digest, true)
    const result = await verifier(token)
    return {
      location: found.location,
      verified: result.verified,
      ...(!result.verified && { reason: result.reason }),
      seenBefore,
      header: found.header,
      ...(found.claims && {
        claims: found.claims,
        times: timesInWords(found.claims, now()),
      }),
    }
  }

  async function answer(message: IncomingMessage): Promise<EchoAnswer> {
    const body = await readBody(message)
    const found = findTokens(message, body.text).slice(0, TOKENS_LIMIT)
    const tokens = await Promise.all(found.map(look))
    const [token] = tokens
    return {
      request: `${message.method} ${message.url} HTTP/${message.httpVersion}`,
      verified: tokens.length > 0 && tokens.every(({ verified }) => verified),
      seenBefore: tokens.some(({ seenBefore }) => seenBefore),
      ...(token && { token }),
      ...(tokens.length > 1 && { tokens }),
      headers: headersOf(message),
      ...(body.bytes > 0 && { body: body.text.slice(0, BODY_SHOWN), bodyBytes: body.bytes }),
    }
  }

  return createServer(async (message, response) => {
    try {
      const body = `${JSON.stringify(await answer(message), null, 2)}\n`
      response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    } catch {
      // the client went away
      response.destroy()
    }
  })
}

function headersOf({ headersDistinct }: IncomingMessage): EchoAnswer['headers'] {
  return Object.fromEntries(
    Object.entries(headersDistinct).map(([name, lines = []]) => [
      name,
      lines.length === 1 ? (lines[0] as string) : lines,
    ]),
  )
}

async function readBody(message: IncomingMessage): Promise<{ text: string; bytes: number }> {
  const kept: Buffer[] = []
  let bytes = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    if (bytes < BODY_LIMIT) kept.push(chunk)
    bytes += chunk.length
  }
  return { text: Buffer.concat(kept).subarray(0, BODY_LIMIT).toString(), bytes }
}
