import { call, condition, type Fragment, isText, operand, present } from './fragment.ts'

/** Translates `left operator right`, whose operands are translated; `++` and `default` are not among them. */
export function translateBinary(operator: string, left: Fragment, right: Fragment): Fragment {
  switch (operator) {
    case 'and':
    case 'or':
      return infix(operator, condition(left), condition(right), 'boolean')
    case '==':
      return equality(left, right)
    case '!=':
      return call('not', [equality(left, right).text], 'boolean', 'never')
    case '--':
      return call('dwRemove', [left.text, right.text], 'any')
    case '<':
    case '>':
    case '<=':
    case '>=':
      return infix(operator, left, right, 'boolean')
    case '/':
      if (isDivisor(right)) return infix(operator, left, right, 'number')
      return call('dwDivide', [left.text, right.text], 'number')
    default:
      return infix(operator, left, right, 'number')
  }
}

function isDivisor({ value }: Fragment): boolean {
  return typeof value === 'number' && value !== 0
}

/** Joins texts, or arrays. */
export function concatenation(parts: readonly Fragment[]): Fragment {
  if (parts.every(isText)) {
    const text = parts.map(operand).join(' & ')
    return { text, type: 'text', empty: 'never', atom: false, parts }
  }
  const type = parts.some((part) => part.type === 'text') ? 'text' : 'any'
  const texts = parts.map(({ text }) => text)
  return { ...call('dwConcat', texts, type), parts }
}

/** `left`, or `right` when it is missing or null. */
export function otherwise(left: Fragment, right: Fragment): Fragment {
  if (left.empty === 'never') return left
  const type = left.type === right.type ? left.type : 'any'
  const common = { type, empty: right.empty } as const
  if (left.empty === 'missing' && left.calm && !left.text.startsWith('$')) {
    return { ...common, text: `${left.text} ?? ${operand(right)}`, atom: false }
  }
  if (right.calm) {
    const empty = right.empty === 'never' ? 'never' : 'missing'
    return call('dwDefault', [left.text, right.text], type, empty)
  }
  // The right side is not evaluated without need: it may fail.
  const text = `$value := ${operand(left)}; $dwIsNull($value) ? ${operand(right)} : $value`
  return { ...common, text: `(${text})`, atom: true }
}

/** `then` or `other`, by a condition that must be true or false. */
export function conditional(test: Fragment, then: Fragment, other: Fragment): Fragment {
  const type = then.type === other.type ? then.type : 'any'
  const empties = [then.empty, other.empty]
  const empty = (['null', 'missing'] as const).find((one) => empties.includes(one)) ?? 'never'
  const text = `${operand(condition(test))} ? ${operand(then)} : ${operand(other)}`
  return { text, type, empty, atom: false }
}

function infix(
  operator: string,
  left: Fragment,
  right: Fragment,
  type: Fragment['type'],
): Fragment {
  const never = left.empty === 'never' && right.empty === 'never'
  const [one, other] = [left, right].map((side) => {
    return side.empty === 'null' ? present(side) : operand(side)
  })
  return {
    text: `${one} ${operator} ${other}`,
    type,
    empty: never ? 'never' : 'missing',
    atom: false,
  }
}

// JSONata's `=` is strict, too, but nothing equals a missing value.
function equality(left: Fragment, right: Fragment): Fragment {
  const isNothing = ({ text }: Fragment) => text === NULL
  if (isNothing(left) || isNothing(right)) {
    return call('dwIsNull', [isNothing(right) ? left.text : right.text], 'boolean', 'never')
  }
  if (left.value === undefined && right.value === undefined) {
    return call('dwEquals', [left.text, right.text], 'boolean', 'never')
  }
  return {
    ...infix('=', left, right, 'boolean'),
    text: `${operand(left)} = ${operand(right)}`,
    empty: 'never',
  }
}

/** JSONata without a value. */
export const NULL = '()'
