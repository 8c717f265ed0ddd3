import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { connectionLines, headerAliases, keptLines } from '../support/arbitrary-fields.ts'
import { type CanaryProcess, startCanaryProcess } from '../support/canary-process.ts'
import { runCountersign } from '../support/process.ts'

/** Requests that are refused, or end badly, each in another way. */
const lines = fc.array(
  fc.oneof(
    keptLines,
    connectionLines,
    headerAliases('authorization').map((name) => `${name}: Bearer x.y.z`),
    fc.constantFrom(
      ...[
        'Host: b',
        'Content-Encoding: gzip',
        'Upgrade: websocket',
        'Expect: more',
        'NoColon',
        'X-A: \0',
      ],
      ...[
        'Content-Length: 5',
        'Transfer-Encoding: gzip',
        'X-To: front',
        `X-Long: ${'x'.repeat(40_000)}`,
      ],
    ),
  ),
  { maxLength: 3 },
)

const bodies = fc.constantFrom(
  undefined,
  '{}',
  '{"name":1}',
  '[',
  '"x"',
  '{"__proto__":1,"name":"n"}',
)

/** Files with a fault near, in or behind a secret; `CANARY` is one. */
const BROKEN: Readonly<Record<string, string>> = {
  'policies/a.yaml': 'name: a\njwt: { signingMethod: HS256, privateKey: "CANARY", exp: 300, : }\n',
  'policies/b.yaml': 'name: b\njwt: { signingMethod: RS256, privateKey: "CANARY", exp: 300 }\n',
  'policies/c.yaml':
    'name: c\njwt:\n  signingMethod: HS256\n  privateKey: |\n    CANARY\n   CANARY\n',
  'policies/d.yaml': 'name: d\njwt: { signingMethod: HS256, privateKeyy: CANARY, exp: 300 }\n',
  'policies/e.yaml': 'name: e\njwt: { signingMethod: HS256, privateKey: [CANARY], exp: 300 }\n',
  'policies/f.yaml':
    'name: f\njwt: { signingMethod: ES256, privateKey: { file: ../keys/broken.pem }, exp: 300 }\n',
  'policies/g.yaml':
    'name: g\njwt: { signingMethod: ES256, privateKey: { jwk: { kty: EC, d: CANARY } }, exp: 300 }\n',
  'policies/h.yaml': 'name: h\nbasic: { username: "a:b", password: CANARY }\n',
  'policies/i.yaml': 'name: i\napiKey: { value: CANARY, more: 1 }\n',
  'policies/j.yaml': `name: j\njwt: { signingMethod: ES256, privateKey: "-----BEGIN PRIVATE KEY-----\\nCANARY\\n-----END PRIVATE KEY-----", exp: 300 }\n`,
  'keys/broken.pem': '-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n',
  'keys/broken.json': '{"key": "CANARY", }',
  'policies/k.yaml':
    'name: k\njwt: { signingMethod: HS256, privateKey: { file: ../keys/broken.json, field: key }, exp: 300 }\n',
}

const BROKEN_GATEWAYS = [
  'routes: [{ name: a, upstream: "http://user:CANARY@localhost/" }]\n',
  'routes: [{ name: a, upstream: "http://CANARY@localhost/" }]\n',
  'routes: [{ name: a, upstream: "http://localhost/?key=CANARY" }]\n',
  'routes: [{ name: a, upstream: "http://user:CANARY@[::1" }]\n',
  'routes: [{ name: a, upstream: "http://localhost" }]\nauthenticators: { s: { jwt: { secret: CANARY, algorithms: [HS257] } } }\n',
  'routes: [{ name: a, upstream: "http://localhost" }]\naccounts: { a: { privateKey: CANARY, signingMethod: RS256 } }\n',
]

/** Everything that is served to operators. */
async function told({ managementUrl, adminUrl }: CanaryProcess): Promise<string> {
  const pages = ['metrics', 'livez', 'readyz?verbose', '.well-known/jwks.json', '.well-known/x']
  const asked = [
    ...pages.map((page) => managementUrl + page),
    `${adminUrl}api/v1/policies`,
    `${adminUrl}x`,
  ]
  const answers = await Promise.all(asked.map((url) => fetch(url)))
  const texts = answers.map(
    async (answer) => JSON.stringify([...answer.headers]) + (await answer.text()),
  )
  return (await Promise.all(texts)).join('\n')
}

describe('I3 no output tells a secret', () => {
  it('however requests end, and whatever is wrong in the files', async () => {
    const proxy = await startCanaryProcess()
    const { canaries, folder } = proxy
    const outputs: string[] = []
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...proxy.paths), lines, bodies, async (path, more, body) => {
        const { text, status } = await proxy.send(proxy.request(path, more, body))
        statuses.add(status)
        outputs.push(text)
      }),
      { numRuns: 150, seed: 3 },
    )
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 415, 417, 422, 426, 431]))

    const canary = canaries.text('file')
    const gateway = `${folder.path}/countersign.yaml`
    const reload = async () => (await fetch(`${proxy.adminUrl}-/reload`, { method: 'POST' })).status
    for (const [name, text] of Object.entries(BROKEN)) {
      await folder.write(name, text.replaceAll('CANARY', canary))
    }
    expect(await reload()).toBe(409)
    const files = BROKEN_GATEWAYS.map((text, index) =>
      folder.write(`broken-${index}.yaml`, text.replaceAll('CANARY', canary)),
    )
    const paths = [...(await Promise.all(files)), `${folder.path}/policies`]
    const validated = await runCountersign(['validate', ...paths])
    expect(validated).toMatchObject({ code: 1 })
    for (const path of paths) expect(validated.stdout).toContain(path)
    outputs.push(validated.stdout, validated.stderr)
    await folder.write('countersign.yaml', (BROKEN_GATEWAYS[0] ?? '').replace('CANARY', canary))
    expect(await reload()).toBe(409)
    expect(await proxy.send(proxy.request('/header'))).toMatchObject({ status: 200 })

    outputs.push(await told(proxy))
    const { stdout, stderr, code, uncaught } = await proxy.stop()
    outputs.push(stdout, stderr)
    expect({ code, uncaught }, stderr).toEqual({ code: 0, uncaught: 0 })
    expect(outputs.join('\n')).toContain(gateway)
    expect(canaries.leaksIn(outputs.join('\n'))).toEqual([])
    expect(canaries.leaksIn(proxy.upstream.connections().join('\n'))).toContain('minted token')
  })
})
