import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { parse } from 'yaml'
import { mutated } from '../../support/arbitrary-mutation.ts'
import { documents, WORDS } from '../../support/arbitrary-yaml.ts'
import { fuzz } from '../fuzz-kind.ts'
import { startLoading } from '../loading.ts'

const GOLDEN = new URL('../../policies/', import.meta.url)
const golden = readdirSync(GOLDEN)
  .map((file) => parse(readFileSync(new URL(file, GOLDEN), 'utf8')).gateway as string | undefined)
  .filter((text) => text !== undefined)

const FULL = `
listen: 127.0.0.1:8080
management: 127.0.0.1:9090
admin: off
limits: { connections: 100, requests: 10 }
timeouts: { headers: 10s, body: 30s }
trustedProxies: [10.0.0.0/8]
shutdown: { drainDelay: 5s, grace: 25s }
routes:
  - name: orders
    match: { path: /orders, hosts: [a.example], methods: [GET], headers: { x-a: { present: true } } }
    upstream: { url: "http://127.0.0.1:9/base", stripPrefix: true, hostHeader: preserve, timeouts: { connect: 2s }, pool: { connections: 8 } }
    authenticate: [staff, machines, people, anonymous]
    allow: "#[authentication.principal = 'ann']"
  - { name: rest, upstream: "http://127.0.0.1:9", unmatched: forward }
authenticators:
  staff: { jwt: { secret: { env: GOLDEN_HS256 }, algorithms: [HS256], issuer: idp, audience: us, usernameField: sub } }
  machines: { apiKey: { in: { location: header, name: x-key }, file: keys/clients.json } }
  people: { basic: { htpasswd: keys/htpasswd } }
  mesh: { clientCertificate: { subjects: ["CN=orders"] } }
  front: { trustedHeader: { name: x-user, from: [127.0.0.0/8] } }
accounts: { erp: { issuer: erp, ttl: 300, signingMethod: ES256, privateKey: { file: keys/es256.pkcs8.pem } } }
caches: { tokens: { ttl: 240, maxEntries: 10 } }
vars: { region: eu, list: [1, { a: b }] }
`

/** Gateway files: some with changes, and documents of the same words. */
export const gatewayFiles = fuzz<string>({
  name: 'gateway-files',
  inputs: fc.oneof(
    { weight: 3, arbitrary: mutated(fc.constant(FULL), WORDS, 2) },
    { weight: 2, arbitrary: mutated(fc.constantFrom(...golden), WORDS) },
    { weight: 1, arbitrary: mutated(documents, WORDS, 1) },
  ),
  found: [],
  usual: ['refused', 'warned about'],
  limit: 2000,
  start: () =>
    startLoading(
      'countersign.yaml',
      (folder) => ({ config: `${folder}/countersign.yaml`, policies: `${folder}/policies` }),
      {
        'policies/p.yaml': 'name: p\ninject: { name: x-a, value: v }\n',
        'keys/htpasswd': `ann:$2b$04$${'a'.repeat(53)}\n`,
        'keys/clients.json': JSON.stringify([{ sha256: '5e'.repeat(32), clientId: 'a' }]),
      },
    ),
})
