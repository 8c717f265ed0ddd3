import { setTimeout as wait } from 'node:timers/promises'
import { createVerifier } from 'fast-jwt'
import { hmacSecret } from './keys.ts'
import { type OwnedPlace, valuesAt } from './place-values.ts'
import { startProxy, type TestProxy } from './proxy.ts'
import { type RawOptions, type RawReply, rawRequest } from './raw-client.ts'
import { recordingUpstream } from './recording-upstream.ts'
import { type SecondParser, startSecondParser } from './second-parser.ts'
import type { ReceivedRequest } from './strict-parser.ts'

/** A policy for every place that a token can be put at; its name is the first segment of the paths it is for. */
const OWNED = {
  header: { location: 'header', name: 'authorization' },
  named: { location: 'header', name: 'x-user' },
  query: { location: 'query', name: 'token' },
  form: { location: 'form', name: 'token' },
  json: { location: 'json', path: ['token'] },
  deep: { location: 'json', path: ['session', 'token'] },
  cookie: { location: 'cookie', name: 'token' },
} satisfies Readonly<Record<string, OwnedPlace>>

/** Name of one of the policies. */
export type PlaceName = keyof typeof OWNED

/** A proxy with all of them, before an upstream that both parsers read. */
export interface EveryPlace {
  readonly proxy: TestProxy
  /**
   * Sends on one connection, judges what went upstream, and gives both sides. A request that is to be served must
   * have an `X-Caller` of its own. Throws what an invariant says against it.
   */
  exchange(pieces: string | Uint8Array | readonly (string | Uint8Array)[]): Promise<Exchanged>
  close(): Promise<void>
}

/** What came of the requests on one connection. */
export interface Exchanged {
  readonly reply: RawReply
  /** What the upstream got. */
  readonly requests: readonly ReceivedRequest[]
}

/** Requests after which the upstream ends a connection, so that what it keeps of one stays small. */
const PER_CONNECTION = 50

/** Starts one; inside a test its proxy stops by itself. Ask `whyNoSecondParser` first. */
export async function startEveryPlace(): Promise<EveryPlace> {
  const secret = hmacSecret()
  const parser = startSecondParser()
  let answered = 0
  const upstream = await recordingUpstream(({ method }, socket) => {
    answered += 1
    const isLast = answered % PER_CONNECTION === 0
    const fields = `x-upstream: ${answered}\r\n${isLast ? 'connection: close\r\n' : ''}`
    const answer = `HTTP/1.1 200 OK\r\ncontent-length: 2\r\n${fields}\r\n${method === 'HEAD' ? '' : 'ok'}`
    if (!isLast) return answer
    socket.end(answer)
    return undefined
  })
  const proxy = await startProxy({
    policies: Object.keys(OWNED).map((name) => policy(name as PlaceName)),
    upstream: upstream.url,
    variables: { SECRET: secret },
  })
  const verify = createVerifier({ key: secret, algorithms: ['HS256'] })
  const host = new URL(upstream.url).host
  let seen = 0

  async function exchange(pieces: Parameters<EveryPlace['exchange']>[0]): Promise<Exchanged> {
    const reply = await rawRequest(proxy.port, pieces, HALF_CLOSE)
    const requests = upstream.requests().slice(seen)
    const numbers = requests.map((_, index) => String(seen + index + 1))
    seen += requests.length
    const served = [...reply.text.matchAll(/^x-upstream: (\d+)\r$/gim)].map(([, number]) => number)
    // requests of one connection go upstream at once, and their answers come back in order
    expectEqual('requests upstream and their answers', numbers.toSorted(), served.toSorted())
    if (reply.ended === 'timeout') throw new Error('expected the exchange to end')
    for (const request of requests) {
      await checkFraming(request, parser)
      await checkRequest(request, { parser, host, verify })
    }
    return { reply, requests }
  }

  return {
    proxy,
    async exchange(pieces) {
      for (;;) {
        const exchanged = await exchange(pieces)
        // a machine that is busy with other work refuses before any policy is asked
        if (!exchanged.reply.text.includes('"code":"overload"')) return exchanged
        await wait(50)
      }
    },
    async close() {
      parser.close()
      await proxy.close()
      await upstream.close()
    },
  }
}

const HALF_CLOSE: RawOptions = { halfClose: true, timeout: 10_000 }

function policy(name: PlaceName): string {
  const place: OwnedPlace = OWNED[name]
  const inject =
    place.location === 'json'
      ? { location: 'body', name: `/${place.path.join('/')}` }
      : { location: place.location === 'form' ? 'body' : place.location, name: place.name }
  return `
name: ${name}
match: { path: /${name} }
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  iss: ${name}
  sub: "#[attributes.headers.\`x-caller\`]"
  customClaims:
    - { name: path, value: "#[attributes.requestPath]" }
    - { name: query, value: "#[attributes.queryString]" }
inject: ${JSON.stringify(inject)}
`
}

/** The two parsers see the same request in the same bytes, and nothing besides. */
async function checkFraming(request: ReceivedRequest, parser: SecondParser): Promise<void> {
  const { requests, leftover, error } = await parser.read(request.bytes)
  expectEqual('how the second reading ended', [error, leftover], [undefined, 0])
  expectEqual('two readings', requests.map(plain), [plain(request)])
}

function plain(request: Omit<ReceivedRequest, 'bytes' | 'values'>): unknown {
  const { method, target, version, headers, body } = request
  const fields = headers.map(([name, value]) => [name.toLowerCase(), value])
  return [method, target, version, fields, body.toString('latin1')]
}

interface Judging {
  readonly parser: SecondParser
  readonly host: string
  verify(token: string): Record<string, unknown>
}

/** Exactly one credential, ours, about this request, from the policy that its path on the wire belongs to. */
async function checkRequest(request: ReceivedRequest, judging: Judging): Promise<void> {
  const [path = '', ...rest] = request.target.split('?')
  const name = path.split('/')[1] as PlaceName
  const place: OwnedPlace | undefined = OWNED[name]
  if (place === undefined) throw new Error('expected a path that some policy is for')
  const values = await valuesAt(place, request, judging.parser)
  expectEqual('values at the place', values.length, 1)
  const [, token = ''] = /^(?:Bearer )?([\w-]+\.[\w-]+\.[\w-]+)$/.exec(values[0] ?? '') ?? []
  const claims = judging.verify(token)
  const [caller] = request.values('x-caller')
  expectEqual('claims', [claims.iss, claims.sub, claims.path], [name, caller, path])
  checkQuery(rest.join('?'), String(claims.query), place.location === 'query' ? token : undefined)
  expectEqual('hosts', request.values('host'), [judging.host])
  expectEqual('tokens', request.bytes.toString('latin1').split(token).length, 2)
}

function checkQuery(wire: string, matched: string, token: string | undefined): void {
  if (token === undefined) {
    expectEqual('the query', wire, matched)
    return
  }
  const ours = `token=${token}`
  if (!wire.endsWith(ours)) throw new Error('expected our parameter at the end')
  const left = wire.slice(0, -ours.length).split(/[&;]/)
  for (const pair of matched.split(/[&;]/)) if (pair === left[0]) left.shift()
  expectEqual('parameters that the client did not send', left, left.length === 0 ? [] : [''])
}

function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [one, other] = [actual, expected].map((value) => JSON.stringify(value))
  if (one !== other) throw new Error(`${what}: expected ${other}, got ${one}`)
}
