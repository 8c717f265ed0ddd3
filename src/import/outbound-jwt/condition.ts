/** The only member of `request` that surely means the same here. */
const COMPARISON = /^\s*request\.method\s*(===?|!==?)\s*(?:"([A-Z]+)"|'([A-Z]+)')\s*$/

/**
 * Our expression for a condition of theirs: comparisons of `request.method`, joined by `&&` and `||`. Undefined for
 * any other, which a person has to translate.
 */
export function translateCondition(text: string): string | undefined {
  const either = text.split('||').map((alternative) => {
    const all = alternative.split('&&').map(translateComparison)
    return all.includes(undefined) ? undefined : all.join(' and ')
  })
  return either.includes(undefined) ? undefined : `#[${either.join(' or ')}]`
}

function translateComparison(text: string): string | undefined {
  const [, operator, double, single] = COMPARISON.exec(text) ?? []
  if (operator === undefined) return undefined
  return `attributes.method ${operator.startsWith('!') ? '!=' : '='} '${double ?? single}'`
}
