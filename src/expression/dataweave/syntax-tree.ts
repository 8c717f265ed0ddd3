/** A DataWeave expression as its parser leaves it. */
export type Expr = Literal | Text | List | Input | Select | Call | Unary | Binary | Conditional

/** The characters an expression stands on. */
export interface Place {
  readonly offset: number
  readonly end: number
}

export interface Literal extends Place {
  readonly kind: 'literal'
  readonly value: string | number | boolean | null
}

/** A string with expressions inside. */
export interface Text extends Place {
  readonly kind: 'text'
  readonly parts: readonly Expr[]
}

export interface List extends Place {
  readonly kind: 'list'
  readonly items: readonly Expr[]
}

/** `attributes`, `authentication`, `payload` or `vars`. */
export interface Input extends Place {
  readonly kind: 'input'
  readonly name: string
}

/** `base[key]`; `base.name` has a literal key. */
export interface Select extends Place {
  readonly kind: 'select'
  readonly base: Expr
  readonly key: Expr
}

/** A call, also one that is written infix; its name is without a module. */
export interface Call extends Place {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expr[]
}

export interface Unary extends Place {
  readonly kind: 'unary'
  readonly operator: '-' | 'not'
  readonly operand: Expr
}

export interface Binary extends Place {
  readonly kind: 'binary'
  readonly operator: string
  readonly left: Expr
  readonly right: Expr
}

export interface Conditional extends Place {
  readonly kind: 'if'
  readonly condition: Expr
  readonly then: Expr
  readonly otherwise: Expr
}
