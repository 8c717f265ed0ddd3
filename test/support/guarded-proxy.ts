import { hash, randomBytes } from 'node:crypto'
import bcrypt from 'bcrypt'
import { createSigner, createVerifier } from 'fast-jwt'
import { onTestFinished } from 'vitest'
import { hmacSecret } from './keys.ts'
import { startProxy, type TestProxy } from './proxy.ts'
import { type RawReply, rawRequest } from './raw-client.ts'
import { type RecordingUpstream, recordingUpstream } from './recording-upstream.ts'

/** What a guarded proxy serves. */
export interface GuardedProxyOptions {
  /** What stands in each route besides `match` and `upstream`, by the first segment of its paths. */
  readonly routes: Readonly<Record<string, string>>
  /** Lines of YAML under `authenticators`. Default: `AUTHENTICATORS`. */
  readonly authenticators?: string
  /** YAML text of the policies. Default: `TELLING`. */
  readonly policies?: string
}

/** A proxy that asks its callers who they are, and an upstream behind it. */
export interface GuardedProxy {
  readonly proxy: TestProxy
  readonly upstream: RecordingUpstream
  /** Text of a gateway file with these authenticators, for a reload. */
  gatewayFile(authenticators: string): string
  /** Sends `GET` with these header lines, each with its end, and reads the answer. */
  get(target: string, fields?: string): Promise<RawReply>
  /** The callers that the upstream was told, one a request, as expressions saw them. */
  callers(): unknown[]
}

/** Credentials that `AUTHENTICATORS` accepts, made for this run. */
export const apiKey = randomBytes(24).toString('hex')
export const password = randomBytes(12).toString('hex')
const staffSecret = hmacSecret()

/** Value of `Authorization` for these claims, which get an expiry; `secret` is the one that `staff` knows. */
export function bearer(claims: object, secret = staffSecret): string {
  const sign = createSigner({ key: secret, algorithm: 'HS256', expiresIn: 60_000 })
  return `Bearer ${sign({ iss: 'https://idp.example.com', aud: 'orders', ...claims })}`
}

/** Value of `Authorization` for a user and password (RFC 7617). */
export const basic = (user: string, secret = password) =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`

/** One authenticator of each kind, and one for callers that are never here. */
export const AUTHENTICATORS = `
  staff:
    jwt:
      secret: { env: STAFF_SECRET }
      algorithms: [HS256]
      issuer: https://idp.example.com
      audience: orders
      usernameField: loginname
      rolesField: roles
      defaultUserType: Reader
      initialRoles: [viewer]
  machines: { apiKey: { in: { location: header, name: x-api-key }, file: keys/clients.yaml } }
  people: { basic: { htpasswd: keys/htpasswd } }
  mesh: { clientCertificate: { subjects: ["CN=orders"] } }
  front: { trustedHeader: { name: x-user, from: [127.0.0.0/8] } }
  stranger: { trustedHeader: { name: x-far-user, from: [192.0.2.0/24] } }
`

/** A policy whose token tells the upstream the whole caller. */
export const TELLING = `
name: telling
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  customClaims: [{ name: caller, value: "#[authentication]" }]
inject: { location: header, name: x-token }
`

/** The file of API keys; an empty one knows nobody. */
export function clientsFile(...keys: readonly string[]): string {
  return JSON.stringify(
    keys.map((key) => ({
      sha256: hash('sha256', key),
      clientId: 'c-1',
      clientName: 'Reports',
      properties: { team: 'finance' },
    })),
  )
}

/** Values of the challenges in an answer. */
export const challenges = (text: string) =>
  [...text.matchAll(/^www-authenticate: (.*)\r$/gim)].map(([, value]) => value)

/** Starts a guarded proxy that stops after the test. */
export async function guardedProxy(options: GuardedProxyOptions): Promise<GuardedProxy> {
  const { routes, authenticators = AUTHENTICATORS, policies = TELLING } = options
  const secret = hmacSecret()
  const upstream = await recordingUpstream()
  onTestFinished(upstream.close)
  const listed = Object.entries(routes).map(
    ([name, more]) =>
      `  - { name: ${name}, match: { path: /${name} }, upstream: "${upstream.url}", ${more} }`,
  )
  const gatewayFile = (guards: string) =>
    `routes:\n${listed.join('\n')}\n${guards && `authenticators:${guards}`}`
  const proxy = await startProxy({
    policies,
    gateway: gatewayFile(authenticators),
    files: {
      'keys/clients.yaml': clientsFile(apiKey),
      'keys/htpasswd': `ann:${bcrypt.hashSync(password, 4)}\n`,
    },
    variables: { SECRET: secret, STAFF_SECRET: staffSecret },
  })
  const verify = createVerifier({ key: secret, algorithms: ['HS256'] })
  return {
    proxy,
    upstream,
    gatewayFile,
    get: (target, fields = '') =>
      rawRequest(proxy.port, `GET ${target} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`, {
        until: (text) => /ok$|\}$/.test(text),
      }),
    callers: () =>
      upstream.requests().map(({ values }) => verify(values('x-token')[0] ?? '').caller),
  }
}
