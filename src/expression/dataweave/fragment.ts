/** What is known of a value before it is there. A `binary` is held as the text that its bytes are in UTF-8. */
export type Type = 'text' | 'number' | 'boolean' | 'array' | 'binary' | 'any'

/** A piece of JSONata, and what is known of its value. */
export interface Fragment {
  readonly text: string
  readonly type: Type
  /** How the value may be absent: not at all, missing, or as `null`, too. */
  readonly empty: 'never' | 'missing' | 'null'
  /** True when it can be an operand as it stands; otherwise it needs parentheses. */
  readonly atom: boolean
  /** True when it cannot fail and costs little, so that it may be evaluated without need. */
  readonly calm?: boolean
  /** What it joins, when it joins texts or arrays. */
  readonly parts?: readonly Fragment[]
  /** The value, when it is written in the source. */
  readonly value?: string | number | boolean
}

/** A call of a function. */
export function call(
  name: string,
  args: readonly string[],
  type: Type,
  empty: Fragment['empty'] = 'missing',
): Fragment {
  return { text: `$${name}(${args.join(', ')})`, type, empty, atom: true }
}

/** A fragment as an operand. */
export function operand({ text, atom }: Fragment): string {
  return atom ? text : `(${text})`
}

/** Its text, with `null` made missing. */
export function present({ text, empty }: Fragment): string {
  return empty === 'null' ? `$dwPresent(${text})` : text
}

/** A fragment that is true or false, or fails. */
export function condition(fragment: Fragment): Fragment {
  if (fragment.type === 'boolean' && fragment.empty === 'never') return fragment
  return call('dwBoolean', [fragment.text], 'boolean', 'never')
}

/** True for a text that is always there. */
export function isText({ type, empty }: Fragment): boolean {
  return type === 'text' && empty === 'never'
}
