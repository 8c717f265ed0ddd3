import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { STATUS } from '../../src/errors.ts'
import { plain, tableRows } from './rows.ts'

it('documents every error code with its status, and no other', () => {
  const documented = tableRows('errors.md', 'code').map(([code, status]) => [
    plain(code),
    Number(status),
  ])
  expect(Object.fromEntries(documented)).toEqual(STATUS)
})

/** Where codes are listed, not used. */
const LISTS = ['errors.ts', 'http/problem.ts']

it('ends some request with every error code there is', () => {
  const source = new URL('../../src/', import.meta.url)
  const text = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !LISTS.includes(name))
    .map((name) => readFileSync(new URL(name, source), 'utf8'))
    .join()
  const used = (code: string) => text.includes(`'${code}'`)
  expect(Object.keys(STATUS).filter((code) => !used(code))).toEqual([])
})

/** Rooms that report faults of files. */
const ROOMS = ['authenticate', 'config', 'keys', 'claims', 'credentials', 'inject', 'expression']
const RULE =
  /'((?:file|yaml|env|schema|policy|match|gateway|auth|authenticator|basic|flex|upstream|account|cache|expr|claim|jwt|encrypt|inject|key|listen|token)\/[a-z0-9-]+)'/g

function rulesInCode(): Set<string> {
  const rules = new Set<string>()
  for (const room of ROOMS) {
    const folder = new URL(`../../src/${room}/`, import.meta.url)
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue
      const text = readFileSync(new URL(name, folder), 'utf8')
      for (const [, rule = ''] of text.matchAll(RULE)) rules.add(rule)
    }
  }
  return rules
}

it('documents every rule that files are checked by, and no other', () => {
  const documented = tableRows('errors.md', 'rule').map(([rule]) => plain(rule))
  const inCode = rulesInCode()
  const missing = [...inCode].filter((rule) => !documented.includes(rule) && !(rule in STATUS))
  const unknown = documented.filter((rule) => !inCode.has(rule))
  expect({ missing, unknown }).toEqual({ missing: [], unknown: [] })
})
