import { describe, expect, it } from 'vitest'
import { loadPolicies } from '../../../src/config/load-policies.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { hmacSecret } from '../../support/keys.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const secret = hmacSecret()
const environment = { ...systemEnvironment(), variable: () => secret }
const saver = (name: string, saveAs: string, order = 50) =>
  `name: ${name}\norder: ${order}\nsaveAs: ${saveAs}\njwt: { signingMethod: HS256, privateKey: { env: K }, exp: 9 }\n`
const reader = (name: string, value: string) =>
  `name: ${name}\ninject: { value: ${value}, name: x-${name} }\n`

async function findings(...policies: readonly string[]) {
  const folder = await tempFolder({ 'p.yaml': policies.join('---\n') })
  const { diagnostics } = await loadPolicies(folder.path, environment)
  return diagnostics.map(({ line, column, severity, rule, hint }) => {
    return { at: `${line}:${column}`, severity, rule, hint }
  })
}

describe('a token that an expression reads', () => {
  it.each([
    ['of an earlier policy', [saver('a', 'crm'), reader('b', '"Bearer #[tokens.crm.value]"')]],
    ['of a lower order', [reader('a', '"#[tokens.crm.value]"'), saver('z', 'crm', 10)]],
    ['of a payload', [reader('a', '"#[payload.tokens.crm]"')]],
    ['in a literal text', [reader('a', 'tokens.crm.value')]],
    ['in text of an expression', [reader('a', `"#['tokens.crm']"`)]],
    ['of its own policy', [`${saver('a', 'own')}inject: { value: "#[tokens.own.value]" }\n`]],
  ])('%s is known', async (_what, policies) => {
    expect(await findings(...policies)).toEqual([])
  })

  it('of a policy that does not fit may well be saved', async () => {
    const found = await findings(
      saver('a', 'crm').replace('exp: 9', 'expp: 9'),
      reader('b', '"#[tokens.crm.value]"'),
    )
    expect(found.map(({ rule }) => rule)).not.toContain('policy/unknown-token')
    expect(found.length).toBeGreaterThan(0)
  })

  it.each([
    [
      'nobody saves',
      [saver('a', 'crm'), reader('b', '"Bearer #[tokens.cmr.value]"')],
      { at: '7:28', hint: 'did you mean crm?' },
    ],
    [
      'a later policy saves',
      [reader('a', '"#[tokens.crm.value]"'), saver('b', 'crm')],
      { at: '2:21', hint: 'give this policy a higher order than "b", which saves it' },
    ],
    [
      'its own policy saves, where the claims are made',
      [saver('a', 'own').replace('exp: 9', 'exp: 9, sub: "#[tokens.own.claims.sub]"')],
      { at: '4:70', hint: 'a policy sees the token that it saves itself under inject only' },
    ],
    [
      'only a disabled policy saves',
      [`${saver('a', 'crm')}enabled: false\n`, reader('b', '"#[tokens.crm.value]"')],
      { at: '8:21', hint: 'write saveAs in a policy of a lower order' },
    ],
  ])('that %s is warned about', async (_what, policies, expected) => {
    expect(await findings(...policies)).toEqual([
      { severity: 'warning', rule: 'policy/unknown-token', ...expected },
    ])
  })
})
