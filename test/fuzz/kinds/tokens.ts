import { createHmac, sign } from 'node:crypto'
import fc from 'fast-check'
import { createVerifier } from 'fast-jwt'
import { mutated } from '../../support/arbitrary-mutation.ts'
import { ecKeys, hmacSecret } from '../../support/keys.ts'
import { startProxy } from '../../support/proxy.ts'
import { rawRequest } from '../../support/raw-client.ts'
import { recordingUpstream } from '../../support/recording-upstream.ts'
import { fuzz } from '../fuzz-kind.ts'

/** A credential of a caller, in words that the target fills in with keys of its own. */
interface Credential {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** What the signature is made with. */
  readonly key: 'own' | 'other' | 'public' | 'none'
  /** What becomes of the compact form. */
  readonly change: (token: string) => string
  readonly scheme: string
}

const ISSUER = ecKeys('P-256', 'issuer')
const NOW = Math.floor(Date.now() / 1000)
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    '',
    'x',
    [],
    {},
    ['us'],
    ['us', 1],
    { us: 1 },
    NOW + 0.5,
    `${NOW}`,
    '\0',
    '\u2028',
  ),
  fc.jsonValue({ maxDepth: 2 }),
)
const times = fc.constantFrom<unknown>(NOW + 3600, NOW - 3600, NOW, 1e15, 0, -1)
const claims = fc
  .tuple(
    fc.record({
      exp: fc.oneof({ weight: 40, arbitrary: fc.constant<unknown>(NOW + 3600) }, times, odd),
    }),
    fc.record(
      { iss: fc.oneof({ weight: 40, arbitrary: fc.constant<unknown>('idp') }, odd) },
      { requiredKeys: [] },
    ),
    fc.record({
      aud: fc.oneof({ weight: 40, arbitrary: fc.constantFrom<unknown>('us', ['us', 'them']) }, odd),
    }),
    fc.record({ sub: fc.oneof({ weight: 40, arbitrary: fc.constant<unknown>('ann') }, odd) }),
    fc.oneof(
      { weight: 3, arbitrary: fc.constant({}) },
      fc.dictionary(
        fc.constantFrom('nbf', 'iat', 'jti', '__proto__', 'roles', 'x'),
        fc.oneof(times, odd),
        { maxKeys: 2 },
      ),
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as Credential['claims'])
const headers = fc
  .tuple(
    fc.oneof(
      { weight: 60, arbitrary: fc.constant<unknown>('ES256') },
      fc.constantFrom<unknown>('none', 'None', 'HS256', 'RS256', 'ES384', 'ES256 ', 1, null),
    ),
    fc.oneof(
      { weight: 4, arbitrary: fc.constant({}) },
      fc.dictionary(
        fc.constantFrom(
          'typ',
          'kid',
          'jku',
          'jwk',
          'x5u',
          'x5c',
          'crit',
          'b64',
          'zip',
          '__proto__',
        ),
        odd,
        { maxKeys: 2 },
      ),
    ),
  )
  .map(([alg, more]) => ({ alg, ...more }))

const changes = mutated(
  fc.constant('\x01'),
  ['.', '..', '=', '+', '/', 'eyJhbGciOiJub25lIn0', 'e30'],
  1,
)

const inputs: fc.Arbitrary<Credential> = fc
  .record({
    header: headers,
    claims,
    key: fc.constantFrom(...Array<'own'>(9).fill('own'), 'other', 'public', 'none'),
    mutation: fc.oneof(
      { weight: 2, arbitrary: fc.constant(undefined) },
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), changes),
    ),
    scheme: fc.constantFrom(
      'Bearer ',
      'Bearer ',
      'Bearer ',
      'bearer ',
      'Bearer  ',
      'BEARER\t',
      'Bearer',
      'JWT ',
      '',
    ),
  })
  .map(({ mutation, key, ...rest }) => ({
    ...rest,
    key: key as Credential['key'],
    change(token: string) {
      if (mutation === undefined) return token
      const at = Math.floor(mutation[0] * token.length)
      // the mark stands for the character that is there
      return token.slice(0, at) + mutation[1].replace('\x01', token[at] ?? '') + token.slice(at + 1)
    },
  }))

/** Inbound tokens: only those that another library accepts too let a caller in, and none travels on or is told. */
export const tokens = fuzz<Credential>({
  name: 'tokens',
  inputs,
  found: [],
  usual: ['401', 'let in'],
  limit: 1000,
  async start() {
    const secret = hmacSecret()
    const upstream = await recordingUpstream((_, socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok')
      return undefined
    })
    const jwt = {
      publicKey: { env: 'PUBLIC' },
      algorithms: ['ES256'],
      issuer: 'idp',
      audience: 'us',
      usernameField: 'sub',
    }
    const proxy = await startProxy({
      policies:
        'name: p\njwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, customClaims: [{ name: who, value: "#[authentication.principal]", onMissing: omit }] }\ninject: { name: x-token }\n',
      gateway: JSON.stringify({
        routes: [{ name: 'a', upstream: upstream.url, authenticate: ['staff'] }],
        authenticators: { staff: { jwt } },
      }),
      variables: { SECRET: secret, PUBLIC: ISSUER.spki },
    })
    const accepts = createVerifier({
      key: ISSUER.spki,
      algorithms: ['ES256'],
      allowedIss: 'idp',
      allowedAud: 'us',
    })
    const ours = createVerifier({ key: secret, algorithms: ['HS256'] })
    let seen = 0
    let logged = 0
    const unchecked: string[] = []

    /** The log is long in the end, so it is looked through in pieces. */
    function checkLog(): void {
      const log = proxy.log()
      const fresh = log.slice(logged)
      logged = log.length
      if (unchecked.splice(0).some((text) => fresh.includes(text)))
        throw new Error('a token was logged')
    }
    return {
      async check(input) {
        const token = input.change(compact(input))
        const line = `${input.scheme}${token}`
        const reply = await rawRequest(
          proxy.port,
          `GET / HTTP/1.1\r\nHost: a\r\nAuthorization: ${line}\r\n\r\n`,
          { halfClose: true },
        )
        const [request, ...more] = upstream.requests().slice(seen)
        seen += request === undefined ? 0 : 1
        if (more.length > 0) throw new Error('expected one request at most')
        const signature = token.split('.')[2] ?? ''
        if (signature.length > 20) {
          if (reply.text.includes(signature)) throw new Error('the token was told')
          if (unchecked.push(signature) === 250) checkLog()
        }
        if (request === undefined) {
          if (reply.status < 400) throw new Error('expected a refusal')
          return String(reply.status)
        }
        // white space around a token is no part of it
        const { sub } = accepts(token.trim())
        if (request.bytes.includes(signature)) throw new Error('the token travelled on')
        const { who } = ours(request.values('x-token')[0] ?? '')
        if (who !== sub) throw new Error('another caller')
        return 'let in'
      },
      async close() {
        checkLog()
        await proxy.close()
        await upstream.close()
      },
    }
  },
})

function compact({ header, claims, key }: Credential): string {
  const parts = [header, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  return [...parts, signature(parts.join('.'), key)].join('.')
}

function signature(input: string, key: Credential['key']): string {
  if (key === 'none') return ''
  if (key === 'public') return createHmac('sha256', ISSUER.spki).update(input).digest('base64url')
  const { privateKey } = key === 'own' ? ISSUER : ecKeys('P-256', 'stranger')
  const bytes = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return bytes.toString('base64url')
}
