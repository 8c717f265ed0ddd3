import { DataWeaveError } from './dataweave-error.ts'
import { call, type Fragment, isText, present } from './fragment.ts'
import type { Call, Expr } from './syntax-tree.ts'

/** Translates a call of a function whose arguments are translated. Throws DataWeaveError. */
export function translateCall(expr: Call, args: readonly Fragment[]): Fragment {
  const texts = args.map(({ text }) => text)
  const [first] = args
  switch (expr.name) {
    case 'upper':
    case 'lower': {
      const empty = first && isText(first) ? 'never' : 'missing'
      return call(`${expr.name}case`, args.map(present), 'text', empty)
    }
    case 'uuid':
      return call('uuid', [], 'text', 'never')
    case 'toBase64':
      return call('base64', args.map(present), 'text')
    case 'fromBase64':
      return call('dwFromBase64', texts, 'binary')
    case 'toString':
      return utf8(expr, args)
    case 'contains':
      return call('dwContains', texts, 'boolean', 'never')
    case 'isEmpty':
      return call('dwIsEmpty', texts, 'boolean', 'never')
    case 'sizeOf':
      return call('dwSizeOf', texts, 'number')
    case 'splitBy':
      return call('dwSplitBy', texts, 'array')
    case 'trim':
      return call('dwTrim', texts, 'text')
    default:
      return substring(expr, texts)
  }
}

// Bytes are held as text, so there is nothing to do.
function utf8({ args: written }: Call, [bytes]: readonly Fragment[]): Fragment {
  const encoding = written[1] as Expr
  const name = encoding.kind === 'literal' ? String(encoding.value).toUpperCase() : ''
  if (name !== 'UTF-8' && name !== 'UTF8') {
    throw at(
      encoding,
      'expected the encoding UTF-8',
      "write 'UTF-8'; other encodings are not translated",
    )
  }
  const { type, ...fragment } = bytes as Fragment
  return { ...fragment, type: type === 'binary' ? 'text' : type }
}

function substring({ name, args: written }: Call, texts: readonly string[]): Fragment {
  const separator = written[1] as Expr
  if (separator.kind === 'literal' && separator.value === '') {
    throw at(separator, 'expected a separator that is not empty', 'write the text to cut at')
  }
  return call(`dw${name.charAt(0).toUpperCase()}${name.slice(1)}`, texts, 'text')
}

function at({ offset, end }: Expr, message: string, hint: string): DataWeaveError {
  return new DataWeaveError(message, offset, end - offset, hint)
}
