/** A node of JSONata's syntax tree, as its parser leaves it: only what we read of it. */
export interface Node {
  type: string
  value?: unknown
  /** Offset just behind the node's token in the source; absent on nodes the parser made up. */
  position?: number
  arguments?: Node[]
  procedure?: Node
  steps?: Node[]
  expressions?: Node[]
  expression?: Node
  stages?: Stage[]
  predicate?: Stage[]
  group?: { lhs: [Node, Node][] }
  terms?: { expression: Node }[]
  lhs?: Node | [Node, Node][]
  rhs?: Node
  condition?: Node
  then?: Node
  else?: Node
  body?: Node
  pattern?: Node
  update?: Node
  delete?: Node
  signature?: { definition: string }
  /** True on a function that the parser made of a call that ends another. */
  thunk?: boolean
  keepArray?: boolean
  keepSingletonArray?: boolean
  tuple?: boolean
  focus?: string
  index?: string
}

/** What stands behind a step: a filter, or a position variable. */
export interface Stage {
  type: string
  expr?: Node
  value?: string
}

/** A node below another, and whether it sees the same context (`$`) as the node above. */
export interface Child {
  readonly node: Node
  readonly sameContext: boolean
}

/** The nodes directly below `node`. */
export function* children(node: Node): Generator<Child> {
  const same = (child: Node): Child => ({ node: child, sameContext: true })
  const other = (child: Node): Child => ({ node: child, sameContext: false })
  if (node.steps) {
    const [first, ...rest] = node.steps
    if (first) yield same(first)
    yield* rest.map(other)
  }
  for (const list of [node.expressions, node.type === 'lambda' ? undefined : node.arguments]) {
    if (list) yield* list.map(same)
  }
  const { procedure, expression, condition, then, else: otherwise, rhs, body } = node
  for (const child of [procedure, expression, condition, then, otherwise, rhs, body]) {
    if (child) yield same(child)
  }
  if (Array.isArray(node.lhs)) yield* node.lhs.flat().map(same)
  else if (node.lhs) yield same(node.lhs)
  for (const child of [node.pattern, node.update, node.delete]) if (child) yield other(child)
  for (const stage of [...(node.stages ?? []), ...(node.predicate ?? [])]) {
    if (stage.expr) yield other(stage.expr)
  }
  if (node.group) yield* node.group.lhs.flat().map(other)
  if (node.terms) yield* node.terms.map((term) => other(term.expression))
}

/** Every node of a tree, parents first. Throws RangeError when it is deeper than `depth`. */
export function nodes(root: Node, depth: number): readonly Node[] {
  const found: Node[] = []
  const visit = (node: Node, left: number): void => {
    if (left === 0) throw new RangeError('too deep')
    found.push(node)
    for (const child of children(node)) visit(child.node, left - 1)
  }
  visit(root, depth)
  return found
}

/** The characters in the source that a node's token stands on. */
export function token(node: Node, source: string): { offset: number; length: number } {
  const end = Math.min(node.position ?? 0, source.length)
  const offset = Math.max(0, start(node, source, end))
  return { offset, length: Math.max(1, end - offset) }
}

function start(node: Node, source: string, end: number): number {
  const written = String(node.value ?? '')
  switch (node.type) {
    case 'variable':
      return end - written.length - 1
    case 'name':
    case 'string':
      return quoted(source, end) ?? end - written.length
    case 'regex':
      // JSONata added the flag `g`.
      return node.value instanceof RegExp ? end - String(node.value).length + 1 : end - 1
    case 'number':
      return end - 1
    default:
      return end - Math.max(1, written.length)
  }
}

function quoted(source: string, end: number): number | undefined {
  const quote = source[end - 1]
  if (quote === undefined || !'`"\''.includes(quote)) return undefined
  for (let from = source.lastIndexOf(quote, end - 2); from >= 0; ) {
    let backslashes = 0
    while (source[from - 1 - backslashes] === '\\') backslashes += 1
    if (quote === '`' || backslashes % 2 === 0) return from
    from = from === 0 ? -1 : source.lastIndexOf(quote, from - 1)
  }
  return undefined
}
