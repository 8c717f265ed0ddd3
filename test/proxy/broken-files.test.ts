import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { listening } from '../support/listening.ts'
import { goodFiles, MUTANTS } from '../support/mutants.ts'
import { startProxy } from '../support/proxy.ts'

/** A proxy with the good configuration, whose upstream answers with the token that it got. */
async function start() {
  const upstream = createServer(({ headers }, response) => {
    response.end(headers.authorization?.replace('Bearer ', ''))
  })
  const files = goodFiles(`http://127.0.0.1:${await listening(upstream)}`)
  const { 'countersign.yaml': gateway = '', ...others } = files
  const proxy = await startProxy({ policies: [], gateway, files: others })
  const folder = dirname(proxy.folder)
  return {
    ...proxy,
    folder,
    async subject() {
      const answer = await fetch(proxy.url)
      return [answer.status, decodeJwt(await answer.text()).sub]
    },
    async repair() {
      for (const [name, content] of Object.entries(files)) {
        await rm(join(folder, name), { recursive: true, force: true })
        await proxy.write(name, content)
      }
      return proxy.reload()
    },
    findings: () =>
      proxy.events
        .flatMap((event) => (event.type === 'configuration' ? event.findings : []))
        .filter(({ severity }) => severity === 'error')
        .map(({ text }) => text),
    secrets: ['keys/erp.pem', 'keys/shared.txt'].map((name) => files[name]?.slice(30, 60) ?? ''),
  }
}

describe('a configuration that was broken', () => {
  it('can be so in 40 ways', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
    expect(MUTANTS.length).toBeGreaterThanOrEqual(40)
  })

  it.each(MUTANTS)('R4 serves on after $name, and says where', async ({ apply, says }) => {
    const { folder, reload, subject, repair, findings, secrets, log, metrics } = await start()
    apply(folder)
    expect(await reload()).toBe(false)
    expect(await subject()).toEqual([200, 'GET'])
    expect(findings().join('\n')).toMatch(says)
    expect(log()).toMatch(says)
    for (const secret of secrets) expect(log()).not.toContain(secret)
    expect(await metrics()).toMatch(/^countersign_config_last_reload_successful 0$/m)
    expect(await metrics()).toMatch(/^countersign_config_reloads_total\{result="failure"\} 1$/m)

    expect(await repair()).toBe(true)
    expect(await subject()).toEqual([200, 'GET'])
    expect(await metrics()).toMatch(/^countersign_config_last_reload_successful 1$/m)
  })
})
