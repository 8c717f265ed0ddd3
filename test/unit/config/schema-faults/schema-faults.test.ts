import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { schemaFaults } from '../../../../src/config/schema-faults/schema-faults.ts'

const keySource = z.union([
  z.string(),
  z.strictObject({ file: z.string() }),
  z.strictObject({ env: z.string() }),
  z.strictObject({ jwk: z.record(z.string(), z.unknown()) }),
])
const placement = z.discriminatedUnion('location', [
  z.strictObject({
    location: z.literal('header'),
    name: z.string(),
    scheme: z.string().optional(),
  }),
  z.strictObject({ location: z.enum(['query', 'cookie']), name: z.string() }),
])
const schema = z.strictObject({
  name: z.string().regex(/^[a-z-]+$/, 'expected kebab-case'),
  order: z.int().min(0).max(100).optional(),
  jwt: z
    .strictObject({
      signingMethod: z.enum(['HS256', 'RS256', 'ES256']).meta({ title: 'Algorithm' }),
      exp: z
        .union([
          z.number(),
          z.strictObject({ after: z.number(), from: z.enum(['now', 'iat']).optional() }),
        ])
        .optional(),
      iat: z.union([z.boolean(), z.literal('always')]).optional(),
      nbf: z.union([z.number(), z.string().regex(/^#/, 'expected an expression')]).optional(),
      privateKey: keySource.optional(),
      aud: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
    })
    .optional(),
  inject: z.union([placement, z.array(placement)]).optional(),
  headers: z.record(z.string().regex(/^[a-z]+$/), z.number()).optional(),
  upstream: z
    .string()
    .superRefine((text, context) => {
      if (text.startsWith('http')) return
      const params = { rule: 'upstream/scheme', hint: 'write https://' }
      context.addIssue({ code: 'custom', message: 'expected a URL', params })
    })
    .optional(),
})

function faultsOf(value: unknown, options = {}) {
  const result = schema.safeParse(value)
  if (result.success) return []
  return schemaFaults(result.error, value, { schema, ...options })
}

const jwt = (members: object) => ({ name: 'a', jwt: { signingMethod: 'RS256', ...members } })

describe('faults of a shape', () => {
  it.each<[string, unknown, string, string, string, string | undefined]>([
    [
      'a misspelt key',
      { name: 'a', ordre: 1 },
      'ordre',
      'schema/unknown-key',
      'ordre: unknown key',
      'did you mean order?',
    ],
    [
      'a misspelt key below',
      jwt({ privatKey: 'x' }),
      'jwt.privatKey',
      'schema/unknown-key',
      'jwt.privatKey: unknown key',
      'did you mean privateKey?',
    ],
    [
      'a key in another case',
      jwt({ PrivateKey: 'x' }),
      'jwt.PrivateKey',
      'schema/unknown-key',
      'jwt.PrivateKey: unknown key',
      'did you mean privateKey?',
    ],
    [
      'an unknown key',
      jwt({ zzz: 1 }),
      'jwt.zzz',
      'schema/unknown-key',
      'jwt.zzz: unknown key',
      'expected signingMethod, exp, iat, nbf, privateKey or aud',
    ],
    [
      'a pollution name',
      JSON.parse('{"name":"a","__proto__":1}'),
      '__proto__',
      'schema/unknown-key',
      '__proto__: unknown key',
      'expected name, order, jwt, inject, headers or upstream',
    ],
    [
      'a misspelt word',
      jwt({ signingMethod: 'RS265' }),
      'jwt.signingMethod',
      'schema/enum',
      'jwt.signingMethod: "RS265" is not a supported algorithm',
      'did you mean RS256?',
    ],
    [
      'a word in another case',
      jwt({ signingMethod: 'rs256' }),
      'jwt.signingMethod',
      'schema/enum',
      'jwt.signingMethod: "rs256" is not a supported algorithm',
      'did you mean RS256?',
    ],
    [
      'an unknown word',
      jwt({ signingMethod: 'none' }),
      'jwt.signingMethod',
      'schema/enum',
      'jwt.signingMethod: "none" is not a supported algorithm',
      'expected "HS256", "RS256" or "ES256"',
    ],
    [
      'a number for a word',
      jwt({ signingMethod: 5 }),
      'jwt.signingMethod',
      'schema/type',
      'jwt.signingMethod: expected "HS256", "RS256" or "ES256", got the number 5',
      undefined,
    ],
    [
      'text for a number or map',
      jwt({ exp: '5m' }),
      'jwt.exp',
      'schema/type',
      'jwt.exp: expected a number or a map, got text "5m"',
      undefined,
    ],
    [
      'text for a number or an expression',
      jwt({ nbf: '5m' }),
      'jwt.nbf',
      'schema/type',
      'jwt.nbf: expected a number or an expression, got text "5m"',
      undefined,
    ],
    [
      'nothing for a number or map',
      jwt({ exp: null }),
      'jwt.exp',
      'schema/type',
      'jwt.exp: expected a number or a map, got nothing',
      undefined,
    ],
    [
      'text for true or a word',
      jwt({ iat: 5 }),
      'jwt.iat',
      'schema/type',
      'jwt.iat: expected true or false or "always", got the number 5',
      undefined,
    ],
    [
      'a map for a text',
      { name: {} },
      'name',
      'schema/type',
      'name: expected text, got a map',
      undefined,
    ],
    [
      'a fraction',
      { name: 'a', order: 1.5 },
      'order',
      'schema/type',
      'order: expected a whole number, got the number 1.5',
      undefined,
    ],
    [
      'a missing key',
      { order: 1 },
      'name',
      'schema/required',
      'name: required: expected text',
      undefined,
    ],
    [
      'a missing word',
      { name: 'a', jwt: {} },
      'jwt.signingMethod',
      'schema/required',
      'jwt.signingMethod: required: expected "HS256", "RS256" or "ES256"',
      undefined,
    ],
    [
      'a whole document of another type',
      [],
      '',
      'schema/type',
      'expected a map, got a list',
      undefined,
    ],
    [
      'text that does not match',
      { name: 'A' },
      'name',
      'schema/value',
      'name: expected kebab-case',
      undefined,
    ],
    [
      'a number that is too big',
      { name: 'a', order: 101 },
      'order',
      'schema/value',
      'order: expected at most 100',
      undefined,
    ],
    [
      'an empty list',
      jwt({ aud: [] }),
      'jwt.aud',
      'schema/value',
      'jwt.aud: expected at least 1 entry',
      undefined,
    ],
    [
      'a wrong entry of a list',
      jwt({ aud: ['a', 5] }),
      'jwt.aud.1',
      'schema/type',
      'jwt.aud[1]: expected text, got the number 5',
      undefined,
    ],
    [
      'a wrong type deep in a union',
      jwt({ exp: { after: 'x' } }),
      'jwt.exp.after',
      'schema/type',
      'jwt.exp.after: expected a number, got text "x"',
      undefined,
    ],
    [
      'a wrong word deep in a union',
      jwt({ exp: { after: 1, from: 'nwo' } }),
      'jwt.exp.from',
      'schema/enum',
      'jwt.exp.from: "nwo" is not a supported value',
      'did you mean now?',
    ],
    [
      'a misspelt key deep in a union',
      jwt({ exp: { aftr: 1 } }),
      'jwt.exp.aftr',
      'schema/unknown-key',
      'jwt.exp.aftr: unknown key',
      'did you mean after?',
    ],
    [
      'a misspelt key of one of several maps',
      jwt({ privateKey: { fiel: 'x' } }),
      'jwt.privateKey.fiel',
      'schema/unknown-key',
      'jwt.privateKey: unknown key',
      'did you mean file?',
    ],
    [
      'an empty map for one of several',
      jwt({ privateKey: {} }),
      'jwt.privateKey',
      'schema/required',
      'jwt.privateKey: expected file, env or jwk',
      undefined,
    ],
    [
      'a wrong type in the branch that its key chooses',
      jwt({ privateKey: { env: 5 } }),
      'jwt.privateKey.env',
      'schema/type',
      'jwt.privateKey.env: expected text, got a number',
      undefined,
    ],
    [
      'an unknown discriminator',
      { name: 'a', inject: { location: 'hedder', name: 'x' } },
      'inject.location',
      'schema/enum',
      'inject.location: "hedder" is not a supported value',
      'did you mean header?',
    ],
    [
      'a missing discriminator',
      { name: 'a', inject: { name: 'x' } },
      'inject.location',
      'schema/required',
      'inject.location: required: expected "header", "query" or "cookie"',
      undefined,
    ],
    [
      'a misspelt key of a discriminated branch',
      { name: 'a', inject: { location: 'header', nam: 'x' } },
      'inject.nam',
      'schema/unknown-key',
      'inject.nam: unknown key',
      'did you mean name?',
    ],
    [
      'a key that only another branch has',
      { name: 'a', inject: { location: 'query', name: 'x', scheme: 'y' } },
      'inject.scheme',
      'schema/unknown-key',
      'inject.scheme: unknown key',
      'expected location or name',
    ],
    [
      'a fault in a list of a union',
      { name: 'a', inject: [{ location: 'header', name: 5 }] },
      'inject.0.name',
      'schema/type',
      'inject[0].name: expected text, got the number 5',
      undefined,
    ],
    [
      'neither map nor list',
      { name: 'a', inject: 'header' },
      'inject',
      'schema/type',
      'inject: expected a map or a list, got text "header"',
      undefined,
    ],
    [
      'a key of a record',
      { name: 'a', headers: { B2: 1 } },
      'headers.B2',
      'schema/value',
      'headers.B2: as a key, expected text that matches /^[a-z]+$/',
      undefined,
    ],
    [
      'a refinement with a rule and hint',
      { name: 'a', upstream: 'ftp' },
      'upstream',
      'upstream/scheme',
      'upstream: expected a URL',
      'write https://',
    ],
  ])('tell of %s', (_what, value, path, rule, message, hint) => {
    const faults = faultsOf(value)
    expect(faults.map(({ fault }) => fault)).toEqual([
      { severity: 'error', rule, message, ...(hint === undefined ? {} : { hint }) },
    ])
    expect(faults[0]?.path.join('.')).toBe(path)
  })

  it('are all reported at once, unknown keys at the key', () => {
    const faults = faultsOf({ name: 5, foo: 1, bar: 2, jwt: { signingMethod: 'X', exp: 'y' } })
    expect(faults.map(({ path, key }) => `${path.join('.')}${key ? ' (key)' : ''}`).sort()).toEqual(
      ['bar (key)', 'foo (key)', 'jwt.exp', 'jwt.signingMethod', 'name'],
    )
  })

  it.each([
    ['under a key that names a secret', jwt({ privateKey: { jwk: 'CANARY' } }), {}],
    ['of another type there', jwt({ privateKey: 999111 }), {}],
    ['that came from an environment variable', jwt({ exp: 'CANARY' }), { quotable: () => false }],
    ['that is a word', jwt({ signingMethod: 'CANARY' }), { quotable: () => false }],
    ['that is long', jwt({ exp: `CANARY${'x'.repeat(60)}` }), {}],
  ])('do not quote a value %s', (_what, value, options) => {
    const faults = faultsOf(value, options)
    expect(faults).toHaveLength(1)
    expect(JSON.stringify(faults)).not.toMatch(/CANARY|999111/)
  })

  it('do without suggestions when the schema is not known', () => {
    const value = jwt({ privatKey: 'x' })
    const { error } = schema.safeParse(value)
    const faults = error === undefined ? [] : schemaFaults(error, value)
    expect(faults).toEqual([
      {
        path: ['jwt', 'privatKey'],
        key: true,
        fault: {
          severity: 'error',
          rule: 'schema/unknown-key',
          message: 'jwt.privatKey: unknown key',
        },
      },
    ])
  })
})
