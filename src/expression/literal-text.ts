/** A text as a template that stands for nothing else: a backslash makes `#[` literal, two of them before one are one. */
export function literalText(text: string): string {
  return text.replace(/(\\*)#\[/g, '$1$1\\#[')
}
