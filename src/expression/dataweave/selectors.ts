import { nearest } from '../../nearest.ts'
import { DataWeaveError } from './dataweave-error.ts'
import { call, type Fragment } from './fragment.ts'
import type { Expr, Input, Select } from './syntax-tree.ts'

/** What translating a selector needs from around it. */
export interface Surroundings {
  translate(expr: Expr): Fragment
  notice(at: { offset: number; end: number }, message: string, hint?: string): void
}

/** Translates an input, or a selector with all that is before it. Throws DataWeaveError. */
export function translateSelector(expr: Input | Select, around: Surroundings): Fragment {
  const keys: Expr[] = []
  let base: Expr = expr
  while (base.kind === 'select') {
    keys.unshift(base.key)
    base = base.base
  }
  if (base.kind !== 'input') return at(around.translate(base), keys, around)
  switch (base.name) {
    case 'attributes':
      return attribute(expr, keys, around)
    case 'authentication':
      return authentication(expr, keys, around)
    case 'vars':
      return member('vars', keys, 1, 'null', around)
    default:
      if (keys[0] && nameOf(keys[0]) === 'Envelope') {
        around.notice(expr, 'an XML body is text here, without members', XML)
      }
      return member('payload', keys, 0, 'null', around)
  }
}

function step(name: string): string {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
  const isWord = ['and', 'or', 'in', 'true', 'false', 'null', 'function'].includes(name)
  return isPlain && !isWord ? name : `\`${name}\``
}

const XML = 'send JSON, or take the value from a header'
/** Attributes that every request has. */
const ALWAYS = [
  ...['method', 'scheme', 'version', 'requestPath', 'requestUri', 'queryString'],
  ...['remoteAddress', 'localAddress'],
]
/** Attributes of the Mule runtime, which people paste. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ['host', 'write attributes.headers.host'],
  ['uriParams', 'it holds the {name} segments of match.path here'],
  ['clientCertificate', 'use an authenticator of the kind clientCertificate'],
  ['listenerPath', 'write attributes.requestPath'],
])
const TEXTS = ['principal', 'clientId', 'clientName']
const MEMBERS = [...TEXTS, 'properties']
/** Members of `properties` that are objects, so that a path through them selects in no array. */
const OBJECTS = ['claims', 'userProperties']

function attribute(expr: Expr, keys: readonly Expr[], around: Surroundings): Fragment {
  const [first, second, ...rest] = keys
  const name = first && nameOf(first)
  if (first === undefined || name === undefined) throw wholeMap(expr)
  if (name === 'headers') {
    const header = second && nameOf(second)
    if (header === undefined) throw wholeMap(expr)
    const path = `attributes.headers.${back(header.toLowerCase(), second as Expr)}[0]`
    return at({ text: path, type: 'text', empty: 'missing', atom: true, calm: true }, rest, around)
  }
  if (name === 'queryParams' && second) {
    const fixed = nameOf(second)
    const params = 'attributes.queryParams'
    const text =
      fixed === undefined ? dynamic(params, second, around) : `${params}.${back(fixed, second)}`
    const calm = fixed !== undefined
    return at(
      { text: `${text}[0]`, type: 'text', empty: 'missing', atom: true, calm },
      rest,
      around,
    )
  }
  if (name === 'queryParams') {
    const hint = 'select one by name'
    around.notice(expr, 'a parameter that was sent several times is an array here', hint)
  }
  const always = ALWAYS.includes(name)
  if (!always && name !== 'queryParams') {
    const message = `"${name}" is not an attribute of the gateway`
    if (!OTHERS.has(name)) throw unknownAttribute(name, message, first)
    around.notice(first, message, OTHERS.get(name))
  }
  const type = always ? 'text' : 'any'
  const empty = always ? 'never' : 'missing'
  const text = `attributes.${back(name, first)}`
  return at({ text, type, empty, atom: true, calm: true }, keys.slice(1), around)
}

function authentication(expr: Expr, keys: readonly Expr[], around: Surroundings): Fragment {
  const [first, second] = keys.map(nameOf)
  if (first === undefined || !MEMBERS.includes(first)) {
    const message = 'authentication has more members here than in the gateway'
    around.notice(expr, message, `select one of ${MEMBERS.join(', ')}`)
  }
  if (first === 'properties') {
    const deep = OBJECTS.includes(second ?? '') ? 3 : 2
    return member('authentication', keys, deep, 'null', around)
  }
  const whole = member('authentication', keys.slice(0, 1), 1, 'missing', around)
  const type = TEXTS.includes(first ?? '') ? 'text' : 'any'
  return at({ ...whole, type }, keys.slice(1), around)
}

// A path as long as every step selects in an object; then a function, since a path would flatten arrays.
function member(
  root: string,
  keys: readonly Expr[],
  direct: number,
  empty: Fragment['empty'],
  around: Surroundings,
): Fragment {
  let text = root
  let used = 0
  for (const key of keys.slice(0, direct)) {
    const name = nameOf(key)
    if (name === undefined) break
    text += `.${back(name, key)}`
    used += 1
  }
  return at({ text, type: 'any', empty, atom: true, calm: true }, keys.slice(used), around)
}

function at(base: Fragment, keys: readonly Expr[], around: Surroundings): Fragment {
  if (keys.length === 0) return base
  const selectors = keys.map((key) => around.translate(key))
  const calm = base.calm === true && selectors.every((selector) => selector.calm)
  const selected = call('dwAt', [base.text, ...selectors.map(({ text }) => text)], 'any')
  return { ...selected, calm }
}

function dynamic(map: string, key: Expr, around: Surroundings): string {
  return call('dwAt', [map, around.translate(key).text], 'any').text
}

function nameOf(key: Expr): string | undefined {
  return key.kind === 'literal' && typeof key.value === 'string' ? key.value : undefined
}

function back(name: string, { offset, end }: Expr): string {
  if (name !== '' && !name.includes('`')) return step(name)
  const hint = 'rename the member'
  throw new DataWeaveError('expected a name, and no backtick in it', offset, end - offset, hint)
}

function unknownAttribute(name: string, message: string, { offset, end }: Expr): DataWeaveError {
  const names = [...ALWAYS, 'headers', 'queryParams']
  const close = nearest(name, names)
  const hint = close ? `did you mean ${close}?` : `the attributes are ${names.join(', ')}`
  return new DataWeaveError(message, offset, end - offset, hint)
}

function wholeMap({ offset, end }: Expr): DataWeaveError {
  const message = 'this reads all header fields, credentials included'
  return new DataWeaveError(message, offset, end - offset, "name one: attributes.headers['x-name']")
}
