import { nearest as suggest } from '../nearest.ts'
import { LIBRARY } from './builtins.ts'
import { FUNCTIONS } from './functions.ts'
import { ROOTS, type Root, rootSteps, TOKEN_ROOTS } from './roots.ts'
import { children, type Node, nodes } from './syntax.ts'
import { syntaxErrorAt } from './syntax-error.ts'
import { checkTraps } from './traps.ts'

/**
 * Refuses what JSONata would accept and never answer as it was meant: unknown roots, variables, functions and
 * words, and the traps. Throws ExpressionSyntaxError.
 */
export function lint(tree: Node, source: string, roots: readonly Root[]): void {
  const bound = boundNames(tree)
  const chained = new Set<Node>()
  const visit = (node: Node, atRoot: boolean): void => {
    checkTraps(node, source, atRoot)
    if (node.type === 'variable') checkVariable(node, source, bound)
    if (node.type === 'path') checkRoot(node, source, atRoot, roots)
    if (node.type === 'function') {
      checkCallee(node, source)
      // `value ~> $call(…)` puts the value before the arguments that are written.
      checkWords(node, source, chained.has(node) ? 1 : 0)
    }
    if (node.type === 'apply' && node.rhs) chained.add(node.rhs)
    for (const child of children(node)) visit(child.node, atRoot && child.sameContext)
  }
  checkResult(tree, source, bound)
  visit(tree, true)
}

function boundNames(tree: Node): ReadonlySet<string> {
  const names = new Set<string>()
  for (const node of nodes(tree, Number.POSITIVE_INFINITY)) {
    const { type, lhs, arguments: parameters = [], focus, index, stages = [] } = node
    if (type === 'bind') names.add(String((lhs as Node).value))
    if (type === 'lambda') for (const { value } of parameters) names.add(String(value))
    for (const name of [focus, index, ...stages.map((stage) => stage.value)]) {
      if (name !== undefined) names.add(name)
    }
  }
  return names
}

function checkResult(tree: Node, source: string, bound: ReadonlySet<string>): void {
  const name = tree.type === 'variable' ? String(tree.value) : ''
  if (!LIBRARY.has(name) || bound.has(name) || name === 'eval') return
  throw syntaxErrorAt(
    'expr/function-value',
    tree,
    source,
    'a function is not a value',
    `write $${name}()`,
  )
}

function checkVariable(node: Node, source: string, bound: ReadonlySet<string>): void {
  const name = String(node.value)
  // The context, the input, and what is bound here, whatever else has that name.
  if (name === '' || name === '$' || bound.has(name)) return
  if (name === 'eval') {
    throw syntaxErrorAt(
      'expr/eval',
      node,
      source,
      '$eval is not available',
      'write the expression itself',
    )
  }
  if (LIBRARY.has(name)) return
  const known = [...LIBRARY.keys(), ...bound].filter((candidate) => candidate !== 'eval')
  const nearest = suggest(name, known)
  const hint = nearest && `did you mean $${nearest}?`
  throw syntaxErrorAt(
    'expr/unknown-function',
    node,
    source,
    `unknown function or variable "$${name}"`,
    hint,
  )
}

function checkCallee({ procedure }: Node, source: string): void {
  const [step, ...further] = procedure?.type === 'path' ? (procedure.steps ?? []) : []
  if (step === undefined || further.length > 0) return
  const name = String(step.value)
  const hint = LIBRARY.has(name) ? `write $${name}(…)` : 'the name of a function begins with "$"'
  throw syntaxErrorAt('expr/unknown-function', step, source, `"${name}" is not a function`, hint)
}

function checkWords(call: Node, source: string, before: number): void {
  const name = call.procedure?.type === 'variable' ? String(call.procedure.value) : ''
  const { words = {}, signature = '' } = FUNCTIONS[name] ?? {}
  const written = call.arguments ?? []
  for (const [index, allowed] of Object.entries(words)) {
    const place = Number(index) - before
    const argument = written[place]
    if (argument?.type === 'string' && !allowed.includes(String(argument.value))) {
      const nearest = suggest(String(argument.value), allowed)
      const hint = nearest && `did you mean ${nearest}?`
      throw syntaxErrorAt(
        'expr/unknown-word',
        argument,
        source,
        `expected one of ${allowed.join(', ')}`,
        hint,
      )
    }
    // JSONata fills in the text that is left out from the front: the word would be hashed.
    const last = written.length === place ? written[place - 1] : undefined
    if (last?.type !== 'string' || !signature.startsWith('<s-')) continue
    if (!allowed.includes(String(last.value))) continue
    const message = `"${last.value}" is the text here, not how to write it`
    throw syntaxErrorAt(
      'expr/unknown-word',
      last,
      source,
      message,
      `write $${name}(…, "${last.value}")`,
    )
  }
}

function checkRoot(path: Node, source: string, atRoot: boolean, roots: readonly Root[]): void {
  const [root] = rootSteps(path, atRoot) ?? []
  if (root === undefined) return
  const name = String(root.value)
  if ((roots as readonly string[]).includes(name)) return
  if ((ROOTS as readonly string[]).includes(name)) {
    const hint = `the roots here are ${roots.join(', ')}`
    throw syntaxErrorAt('expr/unknown-root', root, source, `"${name}" is not known here`, hint)
  }
  if ((TOKEN_ROOTS as readonly string[]).includes(name)) {
    const message = `"${name}" is known only where a token is made`
    const hint = 'write it in the block that makes the token'
    throw syntaxErrorAt('expr/unknown-root', root, source, message, hint)
  }
  const nearest = suggest(name, roots)
  const hint = nearest ? `did you mean ${nearest}?` : `the roots are ${roots.join(', ')}`
  throw syntaxErrorAt('expr/unknown-root', root, source, `unknown root "${name}"`, hint)
}
