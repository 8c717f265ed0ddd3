import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { goodFiles, MUTANTS } from '../support/mutants.ts'
import { STANDARD_LOAD, startOpenLoop } from '../support/open-loop-process.ts'
import { settled, startProxyProcess } from '../support/proxy-process.ts'

it('R4 40 broken configurations under load fail no request, and each is reported', async () => {
  const upstream = await startChildUpstream()
  const files = goodFiles(upstream.url)
  const { 'countersign.yaml': gateway = '', ...others } = files
  const proxy = await startProxyProcess({ gateway, policies: {}, files: others })
  const load = await startOpenLoop({
    ...STANDARD_LOAD,
    targets: [{ url: proxy.url }],
    seconds: 300,
    verify: { jwks: proxy.jwks },
  })
  const report = async () =>
    (await (await fetch(`${proxy.management}/readyz?verbose`)).json()) as Readiness
  const first = await report()

  const unseen: string[] = []
  for (const { name, apply, says } of MUTANTS) {
    apply(proxy.folder.path)
    const isSaid = ({ refusals = [] }: Readiness) => says.test(refusals.join('\n'))
    const { ready, degraded } = await settled(report, isSaid, 20_000)
    const isLogged = await settled(() => says.test(proxy.stdout()), Boolean)
    if (!ready || !degraded || !isLogged) unseen.push(name)
    repair(proxy.folder.path, files)
    proxy.signal('SIGHUP')
    const { degraded: isStill } = await settled(report, (now) => !now.degraded, 20_000)
    if (isStill) unseen.push(`the repair of ${name}`)
  }
  const { failed, sent } = await load.stop()

  expect(unseen).toEqual([])
  expect(failed).toEqual([])
  expect(sent).toBeGreaterThan(1000)
  expect(await proxy.metric('countersign_config_last_reload_successful')).toBe(1)
  const failures = await proxy.metric('countersign_config_reloads_total', { result: 'failure' })
  expect(failures).toBeGreaterThanOrEqual(MUTANTS.length)
  expect((await report()).generation).toBeGreaterThan(first.generation)
}, 280_000)

interface Readiness {
  readonly ready: boolean
  readonly degraded: boolean
  readonly generation: number
  readonly refusals?: readonly string[]
}

function repair(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    rmSync(join(folder, name), { recursive: true, force: true })
    writeFileSync(join(folder, name), content)
  }
}
