import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startCountersign } from '../support/process.ts'
import { tempFolder } from '../support/temp-folder.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const POLICY = 'name: a\njwt: { signingMethod: HS256, privateKey: { env: KEY }, exp: 300 }\n'

/** The packages that `serve` has loaded by the time that it serves, and answers its first request. */
async function loadedBy(upstream: string): Promise<readonly string[]> {
  const folder = await tempFolder({
    'policies/a.yaml': POLICY,
    'countersign.yaml': `routes: [{ name: all, upstream: ${upstream} }]`,
    // as `bin` does it, but always the sources: a bundle keeps packages that may be loaded apart by itself
    'start.mjs': `import { main } from ${JSON.stringify(path('../../src/cli/main.ts'))}
await main(process.argv)
`,
  })
  const recorder = path('../support/loaded-packages.mjs')
  const proxy = startCountersign(
    [
      'serve',
      ...['--config', `${folder.path}/countersign.yaml`],
      ...['--listen', '127.0.0.1:0', '--management', '127.0.0.1:0'],
    ],
    {
      env: { KEY: hmacSecret() },
      command: [process.execPath, '--import', recorder, `${folder.path}/start.mjs`],
    },
  )
  const [, url = ''] = await proxy.waitFor(/proxy +(http:\S+)/)
  await (await fetch(url)).text()
  proxy.signal('SIGTERM')
  const { stderr } = await proxy.exited
  return [...stderr.matchAll(/^loaded (.+)$/gm)].map(([, name = '']) => name)
}

describe('serve', () => {
  it('loads no package that only some policies, keys and upstreams need', async () => {
    const loaded = await loadedBy('"http://127.0.0.1:9"')
    expect(loaded).toEqual(expect.arrayContaining(['yaml', 'zod', 'jsonata', 'pino']))
    const rare = [
      'bcrypt',
      'cockatiel',
      'http-proxy-middleware',
      'node-forge',
      'pkcs11js',
      'undici',
    ]
    expect(loaded.filter((name) => rare.includes(name))).toEqual([])
  })

  it('loads undici for an upstream that it speaks HTTP/2 with', async () => {
    expect(await loadedBy('{ url: "https://127.0.0.1:9", http2: true }')).toContain('undici')
  })
})
