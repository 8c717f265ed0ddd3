import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BUILT_IN } from '../../../src/expression/builtins.ts'
import { FUNCTIONS } from '../../../src/expression/functions.ts'
import { parseTemplate } from '../../../src/expression/index.ts'
import { LIMITS } from '../../../src/expression/limits.ts'
import { TOKEN_ROOTS } from '../../../src/expression/roots.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { request } from './request.ts'

const page = readFileSync(new URL('../../../docs/expressions.md', import.meta.url), 'utf8')

/** The rows of the table under a heading, as the text of their cells without backticks around them. */
function table(heading: string): readonly (readonly string[])[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| `'))
  return rows.map((row) => {
    const cells = row.slice(2, -2).split(/(?<!\\) \| /)
    return cells.map((cell) => cell.trim().replaceAll('\\|', '|'))
  })
}

const code = (cell = '') => /`` ?(.*?) ?``|`([^`]*)`/.exec(cell)?.slice(1).find(Boolean) ?? ''

describe('docs/expressions.md', () => {
  it('has a row for every function of ours, and no other', () => {
    const documented = table('Functions').map(([call]) => /^\$(\w+)/.exec(code(call))?.[1])
    const ours = Object.keys(FUNCTIONS).filter((name) => name !== 'eval')
    expect(documented.toSorted()).toEqual(ours.toSorted())
  })

  it('says of every function whether it is volatile', () => {
    for (const [call, , volatile] of table('Functions')) {
      const name = /^\$(\w+)/.exec(code(call))?.[1] ?? ''
      expect([name, volatile]).toEqual([name, FUNCTIONS[name]?.volatile ? 'yes' : 'no'])
    }
  })

  it('names every function of JSONata that is there unchanged', () => {
    const [list = ''] = page.split('## Functions of JSONata')[1]?.split('Differences:') ?? []
    const named = [...list.matchAll(/`\$(\w+)`/g)].map(([, name]) => name)
    const unchanged = BUILT_IN.filter((name) => FUNCTIONS[name] === undefined)
    expect(named.toSorted()).toEqual(unchanged.toSorted())
  })

  it('has a row for every limit, with its value', () => {
    const documented = Object.fromEntries(
      table('Limits').map(([name, value]) => [code(name), Number(value?.replaceAll(',', ''))]),
    )
    expect(documented).toEqual(LIMITS)
  })

  it('has a row for every member an expression sees, with what the example gives', async () => {
    const environment = fixedEnvironment()
    const parse = (text: string) => parseTemplate(text, environment, TOKEN_ROOTS)
    const context = request({
      account: { key_id: 'erp-1' },
      key: { kid: 'erp-1', alg: 'ES256', thumbprint: 'NzbLs…', fingerprint: 'qHZd…' },
      authentication: {
        principal: 'ann',
        clientId: 'web',
        clientName: 'Web shop',
        properties: { tenant: 'acme' },
      },
      payload: { order: { id: 7 } },
      tokens: {
        orders: {
          value: 'eyJ…',
          claims: { sub: 'ann' },
          header: { alg: 'ES256' },
          expiresAt: 1767225900,
        },
      },
    })
    const rows = table('What an expression sees')
    for (const [expression, example] of rows) {
      const result = await parse(`#[${code(expression)}]`).evaluate(context)
      expect([code(expression), JSON.stringify(result)]).toEqual([code(expression), code(example)])
    }
    const members = new Set(rows.map(([expression]) => code(expression).split('.')[0]))
    expect([...members].toSorted()).toEqual([...TOKEN_ROOTS].toSorted())
    const attributes = rows
      .map(([expression]) => code(expression).split('.'))
      .filter(([root]) => root === 'attributes')
    expect(new Set(attributes.map(([, name]) => name))).toEqual(
      new Set(Object.keys(context.attributes)),
    )
  })

  it('shows templates with the results they have', async () => {
    const environment = fixedEnvironment()
    const parse = (text: string) => parseTemplate(text, environment)
    for (const [template, result] of table('Templates')) {
      const value = await parse(code(template)).evaluate(request())
      expect([code(template), JSON.stringify(value) ?? 'missing']).toEqual([
        code(template),
        code(result),
      ])
    }
  })

  it('shows traps that are refused when the file is loaded', () => {
    const environment = fixedEnvironment()
    const parse = (text: string) => parseTemplate(text, environment)
    const rows = table('Traps')
    expect(rows.length).toBeGreaterThan(5)
    for (const [trap, , instead] of rows) {
      expect(() => parse(`#[${code(trap)}]`), code(trap)).toThrow()
      expect(() => parse(`#[${code(instead)}]`), code(instead)).not.toThrow()
    }
  })
})
