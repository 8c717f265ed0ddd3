import type { Command } from 'commander'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { addressFlag } from '../../src/cli/address-flag.ts'
import { chooseAddresses } from '../../src/cli/listeners.ts'
import { type ServeFlags, serveCommand } from '../../src/cli/serve.ts'
import { loadConfiguration } from '../../src/config/index.ts'
import { ADDRESSES } from '../../src/defaults.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { hmacSecret } from '../support/keys.ts'
import { tempFolder } from '../support/temp-folder.ts'

afterEach(() => vi.unstubAllEnvs())

describe.each(['listen', 'management', 'admin'] as const)('the address of %s', (name) => {
  const [flag, env, file] = ['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3']
  const variable = `COUNTERSIGN_${name.toUpperCase()}`

  it('is the flag’s before that of environment and file', async () => {
    vi.stubEnv(variable, env)
    const flags = await serveFlags(`--${name}`, flag)
    expect(chooseAddresses(flags, { [name]: addressFlag(file) })[name]).toEqual(addressFlag(flag))
  })
  it('is the environment’s before that of the file', async () => {
    vi.stubEnv(variable, env)
    expect(chooseAddresses(await serveFlags(), { [name]: addressFlag(file) })[name]).toEqual(
      addressFlag(env),
    )
  })
  it('is the file’s before the default', async () => {
    expect(chooseAddresses(await serveFlags(), { [name]: addressFlag(file) })[name]).toEqual(
      addressFlag(file),
    )
  })
  it('is the default when nothing is said', async () => {
    expect(chooseAddresses(await serveFlags(), {})[name]).toEqual(ADDRESSES[name])
  })
})

describe('off', () => {
  it.each(['management', 'admin'] as const)('switches %s off at every level', async (name) => {
    const file = { [name]: addressFlag('127.0.0.1:3') }
    expect(chooseAddresses(await serveFlags(`--${name}`, 'off'), file)[name]).toBe('off')
    expect(chooseAddresses(await serveFlags(), { [name]: 'off' })[name]).toBe('off')
    vi.stubEnv(`COUNTERSIGN_${name.toUpperCase()}`, 'off')
    expect(chooseAddresses(await serveFlags(), file)[name]).toBe('off')
  })
})

describe.each([
  { name: 'config', flag: '--config', variable: 'COUNTERSIGN_CONFIG', none: undefined },
  { name: 'policies', flag: '--policies', variable: 'COUNTERSIGN_POLICIES', none: undefined },
  { name: 'upstream', flag: '--upstream', variable: 'COUNTERSIGN_UPSTREAM', none: undefined },
  { name: 'logLevel', flag: '--log-level', variable: 'COUNTERSIGN_LOG_LEVEL', none: 'info' },
] as const)('$flag', ({ name, flag, variable, none }) => {
  it('wins over its environment twin, which wins over the default', async () => {
    expect((await serveFlags())[name]).toBe(none)
    vi.stubEnv(variable, 'warn')
    expect((await serveFlags())[name]).toBe('warn')
    expect((await serveFlags(flag, 'error'))[name]).toBe('error')
  })
})

describe('watching', () => {
  it.each([
    { env: undefined, args: [], watch: true },
    { env: undefined, args: ['--no-watch'], watch: false },
    { env: 'off', args: [], watch: false },
    { env: 'on', args: [], watch: true },
    { env: 'off', args: ['--watch'], watch: true },
    { env: 'on', args: ['--no-watch'], watch: false },
  ])('is $watch with COUNTERSIGN_WATCH=$env and $args', async ({ env, args, watch }) => {
    if (env !== undefined) vi.stubEnv('COUNTERSIGN_WATCH', env)
    expect((await serveFlags(...args)).watch).toBe(watch)
  })
})

describe('what a gateway file also says', () => {
  it('is taken for policies and upstream unless a flag says otherwise', async () => {
    const policy = (name: string) =>
      `name: ${name}\njwt: { signingMethod: HS256, privateKey: { env: KEY }, exp: 60 }\n`
    const folder = await tempFolder({
      'countersign.yaml':
        'policies: ./own\nroutes: [{ name: own, upstream: "http://from-file.test" }]\n',
      'own/a.yaml': policy('from-file'),
      'other/b.yaml': policy('from-flag'),
    })
    const secret = hmacSecret()
    const environment = { ...systemEnvironment(), variable: () => secret }
    const config = `${folder.path}/countersign.yaml`
    const loaded = async (...args: string[]) => {
      const flags = await serveFlags('-c', config, ...args)
      const { compiled, diagnostics } = await loadConfiguration(flags, environment)
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
      return [compiled?.policies[0]?.name, compiled?.routes[0]?.upstream?.origin]
    }
    expect(await loaded()).toEqual(['from-file', 'http://from-file.test'])
    expect(
      await loaded('--policies', `${folder.path}/other`, '--upstream', 'http://from-flag.test'),
    ).toEqual(['from-flag', 'http://from-flag.test'])
  })
})

async function serveFlags(...args: string[]): Promise<ServeFlags> {
  const { promise, resolve } = Promise.withResolvers<ServeFlags>()
  const command: Command = serveCommand(async (flags) => resolve(flags))
  await command.exitOverride().parseAsync(args, { from: 'user' })
  return promise
}
