import { chmod, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { createKept } from '../../../../src/config/kept/kept.ts'
import { readConfiguration } from '../../../../src/config/load.ts'
import type { Loaded } from '../../../../src/config/read-once.ts'
import { recordReads } from '../../../../src/config/recorded-reads.ts'
import { type Environment, systemEnvironment } from '../../../../src/environment.ts'
import { fixedEnvironment } from '../../../support/clock.ts'
import { hmacSecret } from '../../../support/keys.ts'
import { requestContext } from '../../../support/request-context.ts'
import { type TempFolder, tempFolder } from '../../../support/temp-folder.ts'

const secrets = Array.from({ length: 3 }, () => hmacSecret())
const own = 'signingMethod: HS256, exp: 60'
const FILES = ['a', 'b', 'c'] as const

/** What a policy file may come to hold; `name` is that of the file. */
const TEXTS: readonly ((name: string) => string)[] = [
  (name) => `name: ${name}\n${to(name)}jwt: { account: erp, exp: 60 }\n`,
  (name) => `name: ${name}\n${to(name)}jwt: { account: erp, exp: 90, sub: "#[vars.region]" }\n`,
  (name) => `name: ${name}\n${to(name)}jwt: { account: crm }\ncache: { name: shared }\n`,
  (name) => `name: ${name}\n${to(name)}jwt: { ${own}, privateKey: { file: ../key.txt } }\n`,
  (name) =>
    `name: ${name}\n${to(name)}jwt: { ${own}, iss: "\${ISS:-none}", privateKey: { env: KEY } }\n`,
  (name) => `name: ${name}\nmatch: { path: "/{id}", route: r }\njwt: { account: erp, exp: 60 }\n`,
  (name) => `name: ${name}\nenabled: false\njwt: { ${own}, privateKey: { file: ../key.txt } }\n`,
  (name) => `name: same\nsaveAs: ${name}\n${to(name)}jwt: { account: erp, exp: 60 }\n`,
  (name) => `name: ${name}\n${to(name)}jwt: { account: erp, exp: 60, sub: "#[tokens.a.value]" }\n`,
  (name) =>
    `name: ${name}\n${to(name)}jwt: { account: erp, exp: 60, sub: "#[attributes.uriParams.id]" }\n`,
  (name) => `name: ${name}\ninject: { overwrite: always }\njwt: { account: erp, exp: 60 }\n`,
  (name) =>
    `name: ${name}\n${to(name)}basic: { username: u, password: "\${PASSWORD}" }\n---\n# ${name}\nname: ${name}-2\n${to('y')}jwt: { account: erp, exp: 60 }\n`,
  (name) =>
    `name: ${name}\n${to(name)}jwt: { ${own}, privateKey: { env: KEY } }\ncache: { name: shared }\n`,
  (name) => `name: ${name}\njwt: { account: erp, exq: 60 }\n`,
  (name) => `name: ${name}\njwt: { account: erp, exp: 60, sub: "#[nothing.here]" }\n`,
  (name) => `name: ${name}\njwt: [\n`,
  () => '# nothing\n',
]

/** A place of its own, so that policies do not meet. */
function to(name: string): string {
  return `inject: { name: x-${name} }\n`
}

const ROUTE = '{ name: r, upstream: "http://127.0.0.1:1" }'
const GATEWAYS = [
  `routes: [${ROUTE}]\n`,
  `vars: { region: eu }\nroutes: [${ROUTE}]\ncaches: { shared: { ttl: 30 } }\n`,
  `vars: { region: us }\n# moved\nroutes: [${ROUTE}]\ncaches: { shared: { ttl: 31 } }\n`,
  'routes: [{ name: s, match: { path: "/{id}" }, upstream: "http://127.0.0.1:1" }]\n',
].map((text, index) => {
  const crm = `{ ttl: ${60 + index}, signingMethod: HS256, privateKey: { env: KEY } }`
  const erp = '{ signingMethod: HS256, privateKey: { file: key.txt } }'
  return `${text}accounts: { erp: ${erp}, crm: ${crm} }\n`
})

interface Setting {
  readonly folder: TempFolder
  readonly variables: Map<string, string>
}

/** A change of something that decides what is served. */
const edit = fc.oneof(
  {
    weight: 6,
    arbitrary: change(fc.nat({ max: FILES.length - 1 }), fc.nat({ max: TEXTS.length - 1 })),
  },
  fc.nat({ max: GATEWAYS.length - 1 }).map((index) => ({
    told: `gateway ${index}`,
    make: ({ folder }: Setting) => folder.write('countersign.yaml', GATEWAYS[index] as string),
  })),
  fc.nat({ max: 2 }).map((index) => ({
    told: `key file ${index}`,
    make: ({ folder }: Setting) => folder.write('key.txt', secrets[index] as string),
  })),
  fc.constantFrom(0o600, 0o644).map((mode) => ({
    told: `mode ${mode}`,
    make: ({ folder }: Setting) => chmod(join(folder.path, 'key.txt'), mode),
  })),
  fc.tuple(fc.constantFrom('KEY', 'ISS', 'PASSWORD'), fc.nat({ max: 3 })).map(([name, index]) => ({
    told: `variable ${name} ${index}`,
    async make({ variables }: Setting) {
      const value = secrets[index]
      if (value === undefined) variables.delete(name)
      else variables.set(name, value)
    },
  })),
  fc.constantFrom(...FILES).map((name) => ({
    told: `remove ${name}`,
    make: ({ folder }: Setting) => rm(join(folder.path, `policies/${name}.yaml`), { force: true }),
  })),
  fc.constantFrom(...FILES).map((name) => ({
    told: `rename ${name} to z`,
    make: ({ folder }: Setting) =>
      rename(
        join(folder.path, `policies/${name}.yaml`),
        join(folder.path, 'policies/z.yaml'),
      ).catch(() => undefined),
  })),
)

function change(file: fc.Arbitrary<number>, text: fc.Arbitrary<number>) {
  return fc.tuple(file, text).map(([file, text]) => ({
    told: `${FILES[file]} holds ${text}`,
    make: ({ folder }: Setting) =>
      folder.write(`policies/${FILES[file]}.yaml`, TEXTS[text]?.(FILES[file] as string) ?? ''),
  }))
}

/** Readings of a folder, one of which keeps what it can. */
async function readings() {
  const folder = await tempFolder({
    'countersign.yaml': GATEWAYS[1] as string,
    'key.txt': secrets[0] as string,
    ...Object.fromEntries(FILES.map((name) => [`policies/${name}.yaml`, TEXTS[0]?.(name) ?? ''])),
  })
  const variables = new Map([['KEY', secrets[0] as string]])
  const { readFile, permissions, stamps } = systemEnvironment()
  const environment: Environment = {
    ...fixedEnvironment(),
    variable: (name) => variables.get(name),
    ...{ readFile, permissions, stamps },
  }
  const reads = recordReads(environment)
  const kept = createKept(reads)
  const options = { config: join(folder.path, 'countersign.yaml') }
  return {
    setting: { folder, variables },
    kept,
    async keeping() {
      const loaded = await readConfiguration(options, reads.environment, { serving: true, kept })
      const { outcomes, ends } = reads.take()
      return { loaded, outcomes, ends }
    },
    async anew() {
      const fresh = recordReads(environment)
      const loaded = await readConfiguration(options, fresh.environment, { serving: true })
      const { outcomes, ends } = fresh.take()
      return { loaded, outcomes, ends }
    },
  }
}

/** What a reading decides, down to the bytes of the tokens. */
async function decisions({ compiled, diagnostics, held }: Loaded) {
  const policies = (compiled?.policies ?? []).map(
    async ({ name, order, routes, criteria, evaluate }) => {
      const context = { ...requestContext(), vars: compiled?.vars ?? {} }
      const result = await Promise.resolve()
        .then(() => evaluate(context))
        .then(
          ({ patches }) => patches,
          ({ code }) => code,
        )
      const said = JSON.stringify(result, (_, value) =>
        typeof value?.reveal === 'function' ? value.reveal() : value,
      )
      return { name, order, routes, criteria, said }
    },
  )
  return {
    diagnostics,
    disabled: compiled?.disabled,
    held: [...held],
    policies: await Promise.all(policies),
  }
}

/** A file is known by its times only when these lie back a little. */
const SETTLED = 150

describe('a reading that keeps what is the same', () => {
  it('says and decides what a reading of everything does, after any edits', async () => {
    const steps = fc.array(fc.tuple(edit, fc.boolean()), { minLength: 3, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(steps, async (edits) => {
        const { setting, keeping, anew } = await readings()
        await setTimeout(SETTLED)
        await keeping()
        for (const [{ make }, isSettled] of edits) {
          await make(setting)
          if (isSettled) await setTimeout(SETTLED)
          const one = await keeping()
          const other = await anew()
          expect(await decisions(one.loaded)).toEqual(await decisions(other.loaded))
          expect(new Map(one.outcomes)).toEqual(new Map(other.outcomes))
          expect(new Map(one.ends)).toEqual(new Map(other.ends))
        }
        await setting.folder.remove()
      }),
      { numRuns: 12 },
    )
  }, 120_000)

  it('keeps the policies of files that are the same, and compiles the one that changed', async () => {
    const { setting, keeping } = await readings()
    await setTimeout(SETTLED)
    const { loaded: first } = await keeping()
    await setting.folder.write('policies/b.yaml', TEXTS[1]?.('b') ?? '')
    const { loaded: second } = await keeping()
    const areSame = second.compiled?.policies.map((policy, index) => {
      return policy === first.compiled?.policies[index]
    })
    expect(areSame).toEqual([true, false, true])
  })

  it('misses no edit of the same size, however soon it follows', async () => {
    const { setting, keeping } = await readings()
    for (let exp = 10; exp < 40; exp += 1) {
      const text = `name: a\n${to('a')}jwt: { account: erp, exp: ${exp} }\n`
      await setting.folder.write('policies/a.yaml', text)
      if (exp % 5 === 0) await setTimeout(SETTLED)
      const { loaded } = await keeping()
      const { patches = [] } =
        (await loaded.compiled?.policies[0]?.evaluate(requestContext())) ?? {}
      const token = patches.flatMap(({ setHeaders = {} }) => Object.values(setHeaders))[0]?.reveal()
      const { iat = 0, exp: end = 0 } = decodeJwt(token ?? '')
      expect(end - iat).toBe(exp)
    }
  })

  it.each<[string, number, (setting: Setting) => Promise<unknown>]>([
    [
      'the key file of its account',
      0,
      async ({ folder }) => folder.write('key.txt', secrets[1] as string),
    ],
    ['its key file', 3, async ({ folder }) => folder.write('key.txt', secrets[1] as string)],
    ['its variable', 4, async ({ variables }) => variables.set('KEY', secrets[1] as string)],
    [
      'the gateway file',
      3,
      async ({ folder }) => folder.write('countersign.yaml', GATEWAYS[2] as string),
    ],
  ])('keeps no policy when %s changes', async (_, text, make) => {
    const { setting, keeping } = await readings()
    for (const name of FILES) {
      await setting.folder.write(`policies/${name}.yaml`, TEXTS[text]?.(name) ?? '')
    }
    await setTimeout(SETTLED)
    const { loaded: first } = await keeping()
    await make(setting)
    const { loaded: second } = await keeping()
    const before = new Set(first.compiled?.policies)
    expect(before.size).toBe(FILES.length)
    expect(second.compiled?.policies.filter((policy) => before.has(policy))).toEqual([])
  })
})
