import { literalText } from '../literal-text.ts'
import type { Fragment } from './fragment.ts'

/**
 * Joined texts as a template of ours, `by #[authentication.principal]`, which is read without running JSONata;
 * undefined when a part is more than a literal, or a member that is a text or missing.
 */
export function interpolation(parts: readonly Fragment[]): string | undefined {
  if (!parts.every((part) => typeof part.value === 'string' || isRead(part))) return undefined
  // in a file, `${` outside of an expression would be a reference to a variable
  if (parts.some(({ value }) => typeof value === 'string' && value.includes('$'))) return undefined
  let text = ''
  let literal = ''
  for (const part of parts) {
    if (typeof part.value === 'string') literal += part.value
    else {
      // Backslashes before the mark of an expression would escape it.
      text += `${literalText(literal).replace(/\\+$/, '$&$&')}#[${part.text}]`
      literal = ''
    }
  }
  // A line break behind a single expression would not count as text around it.
  const isSingle = text.lastIndexOf('#[') === 0 && /^[\r\n]*$/.test(literal)
  return isSingle ? undefined : text + literalText(literal)
}

function isRead({ type, empty, calm, text }: Fragment): boolean {
  return type === 'text' && empty !== 'null' && calm === true && !text.startsWith('$')
}
