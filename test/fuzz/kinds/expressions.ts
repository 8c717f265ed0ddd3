import { globSync, readFileSync } from 'node:fs'
import {
  DataWeaveError,
  ExpressionSyntaxError,
  parseTemplate,
  translateDataWeave,
} from '../../../src/expression/index.ts'
import { CountersignError } from '../../../src/index.ts'
import { dataWeave, jsonata as jsonataTexts } from '../../support/arbitrary-expression.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { corpus } from '../../support/corpus.ts'
import { write } from '../../support/dataweave-expression.ts'
import { createLeakScan } from '../../support/leak-scan.ts'
import { requestContext } from '../../support/request-context.ts'
import { expressions } from '../../unit/expression/dataweave/arbitraries.ts'
import { type FuzzTarget, fuzz } from '../fuzz-kind.ts'

const CANARY = 'aab,abab-CANARY-of-the-request-9f8e7d6c5b4a'
const context = requestContext(
  { headers: { 'x-user': CANARY, host: 'a' }, queryParams: { a: '1' } },
  {
    payload: {
      text: CANARY,
      n: 2,
      list: [
        { id: 1, name: CANARY },
        { id: 2, name: 'b' },
      ],
    },
    authentication: { principal: 'ann', properties: { claims: { sub: 'ann', roles: ['a'] } } },
    vars: { n: 1, s: 'x', b: true, a: { b: 1 } },
  },
)
const LIMIT = 250

/** JSONata expressions: they are refused when they are read, stopped, or have a result that is plain JSON. */
export const jsonata = fuzz<string>({
  name: 'jsonata',
  inputs: jsonataTexts(suite()),
  found: [],
  usual: ['result', 'not parsed', 'expr/failed'],
  limit: LIMIT,
  start: async () => target((text) => `#[${text}]`),
})

/** DataWeave expressions: they are refused, or what they are translated to ends as JSONata does. */
export const dataweave = fuzz<string>({
  name: 'dataweave',
  inputs: dataWeave(expressions.map((expression) => write(expression))),
  found: [],
  usual: ['result', 'not translated'],
  limit: LIMIT,
  start: async () =>
    target((text) => {
      const { template, jsonata } = translateDataWeave(text)
      return template ?? `#[${jsonata}]`
    }),
})

/** Texts of the project's own suite, where it is there. */
function suite(): string[] {
  const folder = corpus('jsonata')
  if (folder === undefined) return []
  const files = globSync('groups/*/*.json', { cwd: folder })
  const cases = files.flatMap((file) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')))
  return cases.flatMap(({ expr }) => (typeof expr === 'string' && expr.length < 500 ? [expr] : []))
}

function target(toTemplate: (text: string) => string): FuzzTarget<string> {
  const environment = fixedEnvironment()
  const scan = createLeakScan()
  scan.hide('a value of the request', CANARY)
  return {
    async check(text) {
      try {
        const template = parseTemplate(toTemplate(text), environment)
        const result = await template.evaluate(context)
        if (result === undefined) return 'missing'
        // what is JSON comes back from its text
        JSON.parse(JSON.stringify(result))
        return 'result'
      } catch (error) {
        return outcome(error, text)
      }
    },
    async close() {},
  }

  function outcome(error: unknown, text: string): string {
    if (error instanceof DataWeaveError) return 'not translated'
    if (error instanceof ExpressionSyntaxError) return 'not parsed'
    if (!(error instanceof CountersignError) || !error.code.match(/^(?:expr|claim)\//)) {
      throw new Error('expected an error of the expression', { cause: error })
    }
    const told = [error.message, error.stack, JSON.stringify(error), String(error.cause)].join('\n')
    if (!text.includes('CANARY') && scan.leaksIn(told).length > 0)
      throw new Error('a value was told')
    return error.code
  }
}
