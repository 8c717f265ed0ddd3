import { readFileSync } from 'node:fs'
import bcrypt from 'bcrypt'
import { createSigner } from 'fast-jwt'
import { type Canaries, createCanaries } from './canaries.ts'
import { clientsFile } from './guarded-proxy.ts'
import { ecKeys, ed25519Keys, encryptedPem, rsaKeys } from './keys.ts'
import { type Exit, startCountersign } from './process.ts'
import { type RawReply, rawRequest } from './raw-client.ts'
import { type RecordingUpstream, recordingUpstream } from './recording-upstream.ts'
import { type TempFolder, tempFolder } from './temp-folder.ts'
import { WITNESS_FILE, type Witnessed } from './witness.ts'

/** `countersign serve` in a process of its own, with policies of every kind, all of whose secrets are canaries. */
export interface CanaryProcess {
  readonly canaries: Canaries
  readonly pid: number
  /** Holds `countersign.yaml`, `policies` and `keys`. */
  readonly folder: TempFolder
  readonly managementUrl: string
  readonly adminUrl: string
  readonly upstream: RecordingUpstream
  /** Paths of requests, one a policy; each is served when it comes from `request`. */
  readonly paths: readonly string[]
  /** The bytes of a request to `path` with the credentials of a caller, and lines besides. */
  request(path: string, lines?: readonly string[], body?: string): string
  send(bytes: string | Uint8Array): Promise<RawReply>
  /** Bytes that are resident now; needs Linux. */
  rss(): number
  /** Ends it without a delay, and says how that went and what happened in it. */
  stop(): Promise<Exit & Witnessed>
}

const WITNESS = new URL('witness.ts', import.meta.url).href
const HS256 = 'signingMethod: HS256, privateKey: { env: HMAC }, exp: 300'

/** By first segment of their paths: key, claims and place. */
const POLICIES = {
  header: `jwt: { ${HS256}, sub: "#[attributes.headers.\`x-caller\`]" }`,
  query: `jwt: { signingMethod: ES256, privateKey: { file: ../keys/ec.pem }, exp: 300, sub: "#[attributes.queryParams.q]" }
inject: { location: query, name: token }`,
  cookie: `jwt: { signingMethod: RS256, privateKey: { file: ../keys/rsa.pem, passphrase: { env: PASSPHRASE } }, exp: 300 }
inject: { location: cookie, name: token }`,
  body: `jwt: { signingMethod: EdDSA, privateKey: { file: ../keys/ed.pem }, exp: 300, customClaims: [{ name: "#[payload.name]", value: "#[payload]" }] }
inject: { location: body, name: /__proto__ }`,
  sealed: `jwt: { ${HS256}, encrypt: { alg: dir, enc: A256GCM, secret: { env: SEALING } } }
inject: { name: __proto__ }`,
  basic: 'basic: { username: us, password: { file: ../keys/password } }',
  key: 'apiKey: { env: API_KEY }\ninject: { location: header, name: constructor }',
  told: `jwt: { ${HS256}, customClaims: [{ name: caller, value: "#[authentication]" }, { name: __proto__, value: "#[attributes.headers]" }] }
inject: { name: x-token }`,
}

const GATEWAY = (upstream: string) => `
routes:
  - { name: all, match: { headers: { x-to: { oneOf: [front] } } }, upstream: "${upstream}" }
  - { name: guarded, upstream: "${upstream}", authenticate: [staff, machines, people] }
authenticators:
  staff: { jwt: { secret: { env: STAFF }, algorithms: [HS256], issuer: idp, audience: us, usernameField: sub } }
  machines: { apiKey: { in: { location: header, name: x-client-key }, file: keys/clients.yaml } }
  people: { basic: { htpasswd: keys/htpasswd } }
vars: { __proto__: { polluted: 1, constructor: 1 } }
`

/** Starts one inside a test; `nodeOptions` go before those of the witness. */
export async function startCanaryProcess(nodeOptions = ''): Promise<CanaryProcess> {
  const canaries = createCanaries()
  const upstream = await recordingUpstream()
  const [passphrase, password] = [canaries.text('passphrase'), canaries.text('password')]
  // bcrypt reads 72 bytes
  const [clientKey, clientPassword] = [canaries.text('client-key'), canaries.text('pw')]
  const variables = {
    PASSPHRASE: passphrase,
    HMAC: canaries.text('hmac'),
    SEALING: canaries.text('sealing').slice(-32),
    API_KEY: canaries.text('api-key'),
    STAFF: canaries.text('staff'),
  }
  const folder = await tempFolder({
    'countersign.yaml': GATEWAY(upstream.url),
    ...Object.fromEntries(
      Object.entries(POLICIES).map(([name, text]) => [
        `policies/${name}.yaml`,
        `name: ${name}\nmatch: { path: /${name} }\n${text}\n`,
      ]),
    ),
    'keys/ec.pem': canaries.pair('ec', ecKeys('P-256', 'canary')).pkcs8,
    'keys/rsa.pem': encryptedPem(canaries.pair('rsa', rsaKeys(2048, 'canary')), passphrase),
    'keys/ed.pem': canaries.pair('ed', ed25519Keys('canary')).pkcs8,
    'keys/password': password,
    'keys/clients.yaml': clientsFile(clientKey),
    'keys/htpasswd': `ann:${bcrypt.hashSync(clientPassword, 4)}\n`,
    witnessed: '',
  })
  const child = startCountersign(
    [
      ...[
        'serve',
        '-c',
        `${folder.path}/countersign.yaml`,
        '--policies',
        `${folder.path}/policies`,
      ],
      ...['--listen', '127.0.0.1:0', '--management', '127.0.0.1:0', '--admin', '127.0.0.1:0'],
      ...['--log-level', 'debug'],
    ],
    {
      env: {
        ...variables,
        NODE_OPTIONS: `${nodeOptions} --import=${WITNESS}`,
        [WITNESS_FILE]: `${folder.path}/witnessed`,
      },
    },
  )
  const [, url = ''] = await child.waitFor(/proxy +(http:\S+)/)
  const [, managementUrl = ''] = await child.waitFor(/management +(http:\S+)/)
  const [, adminUrl = ''] = await child.waitFor(/admin +(http:\S+)/)
  const inbound = [
    `Authorization: Bearer ${inboundToken(variables.STAFF)}`,
    `X-Client-Key: ${clientKey}`,
    `Authorization: Basic ${Buffer.from(`ann:${clientPassword}`).toString('base64')}`,
  ]
  for (const line of inbound) canaries.hide('inbound credential', line.split(' ').at(-1) ?? '')
  let sent = 0

  return {
    canaries,
    pid: child.pid,
    folder,
    managementUrl,
    adminUrl,
    upstream,
    paths: Object.keys(POLICIES).map((name) => `/${name}`),
    request(path, lines = [], body) {
      sent += 1
      const fields = ['Host: a', `X-Caller: c${sent}`, inbound[sent % inbound.length], ...lines]
      const given =
        body ?? (path.startsWith('/body') ? '{"name":"__proto__","__proto__":{"polluted":1}}' : '')
      const about =
        given === '' ? [] : ['Content-Type: application/json', `Content-Length: ${given.length}`]
      const method = given === '' ? 'GET' : 'POST'
      return `${method} ${path}?q=ann&__proto__[polluted]=1 HTTP/1.1\r\n${[...fields, ...about].join('\r\n')}\r\n\r\n${given}`
    },
    send: (bytes) => rawRequest(Number(new URL(url).port), bytes, { halfClose: true }),
    rss() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      return 1024 * Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1])
    },
    async stop() {
      child.signal('SIGINT')
      const exit = await child.exited
      await upstream.close()
      for (const { bytes } of upstream.requests()) hideTokens(canaries, bytes.toString('latin1'))
      return { ...exit, ...JSON.parse(readFileSync(`${folder.path}/witnessed`, 'utf8')) }
    },
  }
}

function inboundToken(secret: string): string {
  const sign = createSigner({ key: secret, algorithm: 'HS256', expiresIn: 600_000 })
  return sign({ iss: 'idp', aud: 'us', sub: 'ann' })
}

function hideTokens(canaries: Canaries, text: string): void {
  for (const [token] of text.matchAll(/[\w-]{10,}(?:\.[\w-]*){2,4}/g)) {
    canaries.hideToken('minted token', token)
  }
}
