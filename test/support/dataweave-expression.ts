/** An expression of the DataWeave dialect as a tree; the literal undefined is written `null`. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | undefined }
  | { readonly kind: 'text'; readonly parts: readonly (string | Expression)[] }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'input'; readonly path: readonly string[] }
  | { readonly kind: 'select'; readonly base: Expression; readonly key: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'not' | 'bang' | 'minus'; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly sides: readonly Expression[] }
  | { readonly kind: 'if'; readonly parts: readonly Expression[] }

/** Writes an expression with as few parentheses as the precedence of its operators asks for. */
export function write(expression: Expression, level = 0, isTail = true): string {
  const bracketed = (text: string, needed: boolean) => (needed ? `(${text})` : text)
  switch (expression.kind) {
    case 'literal':
      return literal(expression.value, level)
    case 'text':
      return `"${expression.parts.map(writePart).join('')}"`
    case 'list':
      return `[${expression.items.map((item) => write(item)).join(', ')}]`
    case 'header':
      return `attributes.headers['${expression.name}']`
    case 'input':
      return expression.path.map((name, index) => writeStep(name, index)).join('')
    case 'select':
      return `${write(expression.base, 8, false)}[${write(expression.key)}]`
    case 'call':
      return writeCall(expression.name, expression.args, level)
    case 'not':
      return bracketed(`not ${write(expression.operand)}`, !isTail)
    case 'bang':
      return bracketed(`!${write(expression.operand, 7, false)}`, level > 7)
    case 'minus':
      // Two in a row would be the operator that removes.
      return bracketed(`- ${write(expression.operand, 7, false)}`, level > 7)
    case 'if': {
      const [test, then, otherwise] = expression.parts.map((part) => write(part))
      return bracketed(`if (${test}) ${then} else ${otherwise}`, !isTail)
    }
    case 'binary': {
      const [left, right] = expression.sides as [Expression, Expression]
      const own = LEVELS.findIndex((operators) => operators.includes(expression.operator))
      const needed = own < level
      const [one, other] = [write(left, own, false), write(right, own + 1, isTail || needed)]
      return bracketed(`${one} ${expression.operator} ${other}`, needed)
    }
  }
}

const LEVELS = [
  ['default'],
  ['or'],
  ['and'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['+', '-', '++', '--'],
  ['*', '/'],
]

function literal(value: string | number | boolean | undefined, level: number): string {
  if (typeof value === 'string') return `'${quoted(value)}'`
  return typeof value === 'number' && value < 0 && level > 7 ? `(${value})` : String(value ?? null)
}

function quoted(text: string): string {
  return text
    .replace(/[\\'"$]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('é', '\\u00e9')
}

function writePart(part: string | Expression): string {
  return typeof part === 'string' ? quoted(part) : `$(${write(part)})`
}

function writeStep(name: string, index: number): string {
  if (index === 0) return name
  if (/^\w+$/.test(name)) return index % 2 === 0 ? `['${name}']` : `.${name}`
  return `."${quoted(name)}"`
}

// A call with two arguments is written between them where nothing binds tighter.
function writeCall(name: string, args: readonly Expression[], level: number): string {
  const [left, right] = args
  if (name === 'toString') return `dw::util::Coercions::toString(${write(left!)}, 'UTF-8')`
  if (level === 0 && left && right)
    return `(${write(left, 0, false)} ${name} ${write(right, 1, true)})`
  const module = name.startsWith('substring') ? 'dw::core::Strings::' : ''
  return `${module}${name}(${args.map((argument) => write(argument)).join(', ')})`
}
