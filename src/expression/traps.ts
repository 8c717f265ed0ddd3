import { rootSteps } from './roots.ts'
import type { Node } from './syntax.ts'
import { syntaxErrorAt } from './syntax-error.ts'

/**
 * Refuses a node that JSONata takes for something else than was meant: a text as predicate, a dash in a name,
 * an upper-case header name. Throws ExpressionSyntaxError.
 */
export function checkTraps(node: Node, source: string, atRoot: boolean): void {
  checkDash(node, source)
  checkPredicates(node, source)
  if (node.type === 'path') checkHeaderName(node, source, atRoot)
}

function checkPredicates(node: Node, source: string): void {
  const steps = node.steps ?? [node]
  for (const [index, { stages = [], predicate = [] }] of steps.entries()) {
    const filters = [...stages, ...predicate].map((stage) => stage.expr)
    const text = filters.find((filter) => filter?.type === 'string')
    if (text === undefined) continue
    const whole = steps
      .slice(0, index + 1)
      .map(written)
      .join('.')
    const message = `${whole}['${text.value}'] selects the whole ${written(steps[index] as Node)} object`
    throw syntaxErrorAt(
      'expr/string-predicate',
      text,
      source,
      message,
      `write ${whole}.\`${text.value}\``,
    )
  }
}

function written({ type, value }: Node): string {
  if (type === 'variable') return `$${value}`
  if (type !== 'name') return '…'
  return /^\w+$/.test(String(value)) ? String(value) : `\`${value}\``
}

function checkHeaderName(path: Node, source: string, atRoot: boolean): void {
  const [root, member, header] = rootSteps(path, atRoot) ?? []
  if (root?.value !== 'attributes' || member?.value !== 'headers' || header?.type !== 'name') return
  const name = String(header.value)
  if (name === name.toLowerCase()) return
  const hint = `write attributes.headers.\`${name.toLowerCase()}\``
  throw syntaxErrorAt('expr/header-case', header, source, 'header names are lower-case here', hint)
}

// `attributes.headers.x-user` is a subtraction; with spaces around the dash it was meant as one.
function checkDash(node: Node, source: string): void {
  if (node.type !== 'binary' || node.value !== '-' || node.position === undefined) return
  const [before, after] = [source[node.position - 2], source[node.position]]
  const left = lastName(node.lhs as Node)
  const right = node.rhs?.type === 'path' ? node.rhs.steps?.[0] : undefined
  if (/\s/.test(before ?? ' ') || /\s/.test(after ?? ' ') || left === undefined) return
  if (right?.type !== 'name' || source[node.position] === '`') return
  const name = `${left.name}-${right.value}`
  const message = `"-" subtracts; a name with a dash stands in backticks`
  throw syntaxErrorAt('expr/dash-in-name', node, source, message, `write ${left.before}\`${name}\``)
}

function lastName(node: Node): { name: string; before: string } | undefined {
  if (node.type === 'binary' && node.value === '-') {
    const left = lastName(node.lhs as Node)
    const right = node.rhs?.type === 'path' ? node.rhs.steps?.[0] : undefined
    return left && right ? { ...left, name: `${left.name}-${right.value}` } : undefined
  }
  const steps = node.type === 'path' ? (node.steps ?? []) : []
  const last = steps.at(-1)
  if (last?.type !== 'name') return undefined
  const before = steps.slice(0, -1).map((step) => `${written(step)}.`)
  return { name: String(last.value), before: before.join('') }
}
