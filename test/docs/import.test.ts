import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { importCommand } from '../../src/cli/import.ts'
import { parseDocuments } from '../../src/config/yaml/index.ts'
import { importOutboundJwt, STATE_WORDS } from '../../src/import/index.ts'
import { plain, tableRows } from './rows.ts'

const PAGE = readFileSync(new URL('../../docs/import.md', import.meta.url), 'utf8')
const [RULE = '', POLICY = ''] = [...PAGE.matchAll(/```ya?ml\n(.*?)```/gs)].map(([, text]) => text)
const TARGET = { out: 'out', keysTo: 'keys', now: 0 }

it('imports the rule that it shows to the policy that it shows', () => {
  const { documents } = parseDocuments('rule.yaml', RULE)
  const { items, files } = importOutboundJwt(documents, TARGET)
  expect(items.filter(({ state }) => state !== 'translated')).toEqual([])
  const policy = files.find(({ path }) => path === 'out/policies/crm-calls.yaml')
  expect(parse(String(policy?.text))).toEqual(parse(POLICY))
})

it('documents no setting that a rule or an account has not', () => {
  const written = (first: string) =>
    tableRows('import.md', first)
      .map(([name]) => name ?? '')
      .filter((name) => name !== 'JWT Account')
      .map((name) => [name, 'x'])
  const rule = {
    ...Object.fromEntries(written('setting')),
    'JWT Account': Object.fromEntries(written('setting of the account')),
  }
  const { documents } = parseDocuments('rule.yaml', JSON.stringify(rule))
  const { items } = importOutboundJwt(documents, TARGET)
  expect(items.filter(({ note }) => note?.startsWith('no setting'))).toEqual([])
})

it('documents every flag with its variable, and no other', () => {
  const flags = importCommand().commands.flatMap(({ options }) =>
    options.map(({ long, envVar }) => `${long} ${envVar}`),
  )
  const documented = tableRows('import.md', 'flag').map(
    ([flag, variable]) => `${plain(flag)} ${plain(variable)}`,
  )
  expect(documented.toSorted()).toEqual([...new Set(flags)].toSorted())
})

it('documents every state of an item, and no other', () => {
  const documented = tableRows('import.md', 'state').map(([state]) => plain(state))
  expect(documented).toEqual(Object.values(STATE_WORDS))
})
