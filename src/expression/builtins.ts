import jsonata from 'jsonata'
import type { Definition, Focus, Frame, Implementation } from './callable.ts'
import { evaluationOf } from './evaluation.ts'
import { FUNCTIONS } from './functions.ts'
import { GUARDS } from './guards.ts'

/** Names of JSONata's own functions, without `$`. */
export const BUILT_IN: readonly string[] = [
  'sum count max min average string substring substringBefore substringAfter lowercase uppercase',
  'length trim pad match contains replace split join formatNumber formatBase formatInteger',
  'parseInteger number floor ceil round abs sqrt power random boolean not map zip filter single',
  'reduce sift keys lookup append exists spread merge reverse each error assert type sort shuffle',
  'distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl',
  'eval toMillis fromMillis clone now millis',
].flatMap((line) => line.split(' '))

const DEFINITIONS = readDefinitions()

/** Every function an expression can call, by its name without `$`: metered, and with `this` as JSONata gives it. */
export const LIBRARY: ReadonlyMap<string, Definition> = new Map(
  [...DEFINITIONS].map(([name, definition]) => [name, metered(name, definition)]),
)

/** The code of a function of the library, neither metered nor with its arguments checked. */
export function implementationOf(name: string): Implementation {
  return (DEFINITIONS.get(name) as Definition).implementation
}

function readDefinitions(): ReadonlyMap<string, Definition> {
  const probe = jsonata('0')
  for (const [name, { call, signature }] of Object.entries(FUNCTIONS)) {
    probe.registerFunction(name, call as never, signature)
  }
  const definitions = new Map<string, Definition>()
  // JSONata does not export its functions, but shows its scope to this hook, before it first waits.
  probe.assign(
    Symbol.for('jsonata.__evaluate_entry') as never,
    (_: unknown, __: unknown, frame: Frame) => {
      for (const name of new Set([...BUILT_IN, ...Object.keys(FUNCTIONS)])) {
        definitions.set(name, frame.lookup(name) as Definition)
      }
    },
  )
  void probe.evaluate(undefined)
  return definitions
}

function metered(name: string, definition: Definition): Definition {
  const original = definition.implementation as (this: Focus, ...values: unknown[]) => unknown
  const guard = GUARDS[name]
  function implementation(this: Focus, ...values: unknown[]): unknown {
    const { meter } = evaluationOf(this)
    for (const value of values) typeof value === 'string' ? meter.walk(value) : meter.touch(value)
    const checked = (result: unknown) => {
      if (typeof result === 'string') meter.text(result.length)
      return result
    }
    const self = name === 'toMillis' ? atOurTime(this) : this
    const result = original.apply(self, guard ? guard(values, meter) : values)
    return result instanceof Promise ? result.then(checked) : checked(result)
  }
  // JSONata asks a function for its arity, and reads its parameters' names out of its source text.
  Object.defineProperty(implementation, 'length', { value: original.length })
  Object.defineProperty(implementation, 'toString', { value: () => parameters(original) })
  return { ...definition, implementation: implementation as Definition['implementation'] }
}

// What partial application can read: defaults and rest parameters it cannot.
function parameters(original: unknown): string {
  const [, list = ''] = /\(([^)]*)\)/.exec(String(original)) ?? []
  const names = list.split(',').map((parameter) => parameter.replace(/^\s*\.\.\.|=.*$/g, '').trim())
  return `(${names.join(', ')})`
}

// $toMillis takes what a picture leaves out from this; JSONata put the ambient clock there.
function atOurTime(focus: Focus): Focus {
  const timestamp = new Date(evaluationOf(focus).now())
  return { ...focus, environment: { ...focus.environment, timestamp } as Frame }
}
