import { renameSync, writeFileSync } from 'node:fs'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it, vi } from 'vitest'
import { ecKeys } from '../support/keys.ts'
import { startOpenLoop } from '../support/open-loop-process.ts'
import { settled } from '../support/proxy-process.ts'
import { startWorkerProcesses } from '../support/worker-processes.ts'

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 })

const policy = (issuer: string, key = 'a') => `name: orders
jwt:
  signingMethod: ES256
  privateKey: { file: ../keys/${key}.pem }
  kid: ${key}
  exp: 300
  iss: ${issuer}
`
const KEYS = Object.fromEntries(
  ['a', 'b'].map((name) => [`keys/${name}.pem`, ecKeys('P-256', name).pkcs8]),
)

async function start(flags: readonly string[] = ['--no-watch']) {
  const proxy = await startWorkerProcesses({ policies: policy('one'), files: KEYS, flags })
  const file = `${proxy.folder.path}/policies/policies.yaml`
  return {
    ...proxy,
    write(text: string) {
      writeFileSync(`${file}.next`, text)
      renameSync(`${file}.next`, file)
    },
    reload: () => fetch(`${proxy.admin}/-/reload`, { method: 'POST' }),
    issuers: async () => new Set((await proxy.tokensOfAll()).map((token) => decodeJwt(token).iss)),
    report: async () => (await fetch(`${proxy.management}/readyz?verbose`)).json(),
    kids: async () => {
      const { keys } = (await (await fetch(proxy.jwks)).json()) as { keys: { kid: string }[] }
      return keys.map(({ kid }) => kid).toSorted()
    },
  }
}

describe('a reload of several workers', () => {
  it('R3 fails no request, and once it is answered all sign by the new files', async () => {
    const { url, write, reload, tokensOfAll, kids, report } = await start()
    await tokensOfAll()
    const load = await startOpenLoop({ targets: [{ url }], rate: 40, seconds: 30 })
    write(policy('two', 'b'))
    expect((await reload()).status).toBe(204)
    const tokens = await tokensOfAll()
    const { failed, ok } = await load.stop()
    expect(failed).toEqual([])
    expect(ok).toBeGreaterThan(0)
    const signed = tokens.map((token) => [decodeJwt(token).iss, decodeProtectedHeader(token).kid])
    expect(new Set(signed.map(String))).toEqual(new Set(['two,b']))
    expect(await kids()).toEqual(['a', 'b'])
    expect(await report()).toMatchObject({ generation: 2, degraded: false })
  })

  it('that is refused changes none of them, and is told once with its reasons', async () => {
    const { write, reload, issuers, report, stdout, metric } = await start()
    write(policy('two').replace('exp: 300', 'expp: 300'))
    const refused = await reload()
    expect(refused.status).toBe(409)
    const [reason = ''] = (await refused.text()).split('\n')
    expect(reason).toMatch(/policies\.yaml:\d+:\d+: error\[schema\//)
    expect(await issuers()).toEqual(new Set(['one']))
    expect(await report()).toMatchObject({ ready: true, degraded: true, generation: 1 })
    expect(stdout().split('configuration refused')).toHaveLength(2)
    expect(await metric('countersign_config_reloads_total', { result: 'failure' })).toBe(1)
  })

  it('comes of a file that is changed, and of SIGHUP', async () => {
    const { write, issuers, signal, stdout, waitFor } = await start([])
    write(policy('two'))
    await waitFor(/"generation":2,.*"configuration loaded"/)
    expect(await issuers()).toEqual(new Set(['two']))
    signal('SIGHUP')
    await settled(stdout, (text) => /"generation":3,.*"configuration loaded"/.test(text))
    expect(stdout().split('configuration loaded')).toHaveLength(4)
  })
})
