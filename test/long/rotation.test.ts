import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { ecKeys } from '../support/keys.ts'
import { STANDARD_LOAD, startOpenLoop } from '../support/open-loop-process.ts'
import { startProxyProcess } from '../support/proxy-process.ts'

/** Milliseconds for which the verifier keeps the JWK set that it has. */
const KEEP = 30_000
const SECONDS = 50

const policy = (keys: readonly string[]) => `name: orders
jwt:
  signingMethod: ES256
  keys:
${keys.map((key) => `    - ${key}\n`).join('')}  exp: 300
  sub: "#[attributes.requestPath]"
`
const entry = (use: string, kid: string) =>
  `{ use: ${use}, kid: ${kid}, privateKey: { file: ../keys/${kid}.pem } }`

it('R11 a rotation over two replicas is never seen by a verifier that keeps the JWK set', async () => {
  const upstream = await startChildUpstream()
  const start = () =>
    startProxyProcess({
      gateway: `routes: [{ name: all, upstream: "${upstream.url}" }]\n`,
      policies: { 'orders.yaml': policy([entry('sign', 'a')]) },
      files: { 'keys/a.pem': ecKeys('P-256', 'a').pkcs8, 'keys/b.pem': ecKeys('P-256', 'b').pkcs8 },
    })
  const [first, second] = [await start(), await start()]
  const change = async (...keys: readonly string[]) => {
    for (const { folder } of [first, second]) {
      await folder.write('policies/orders.yaml', policy(keys))
      // replicas learn of it one after the other
      await wait(500)
    }
  }
  const load = await startOpenLoop({
    ...STANDARD_LOAD,
    targets: [{ url: first.url }, { url: second.url }],
    seconds: SECONDS,
    verify: { jwks: second.jwks, keep: KEEP },
  })
  await wait(2000)
  await change(entry('sign', 'a'), entry('next', 'b'))
  await wait(KEEP + 3000)
  await change(entry('retired', 'a'), entry('sign', 'b'))
  const { failed, tokens } = await load.report
  expect(failed).toEqual([])
  expect(new Set(tokens.map(({ header }) => header.kid))).toEqual(new Set(['a', 'b']))
}, 100_000)
