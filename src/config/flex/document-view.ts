import type { Path } from '../../kind.ts'
import { valueAt } from '../../value-at.ts'
import type { SourceDocument } from '../yaml/index.ts'

/** How a view differs from the document behind it. */
interface View {
  readonly value: unknown
  /** Where in the document behind it the value at a path of the view comes from. */
  from(path: Path): Path
}

/**
 * Another value in place of that of `source`, whose places and diagnostics are still those of the file. An offset
 * counts where the text is the very text of the file, and is left out elsewhere.
 */
export function viewOf(source: SourceDocument, { value, from }: View): SourceDocument {
  const isSame = (path: Path) => valueAt(value, path) === valueAt(source.value, from(path))
  return {
    file: source.file,
    value,
    locate: (path, options) => source.locate(from(path), options),
    locateOffset: (path, offset, length) =>
      isSame(path) ? source.locateOffset(from(path), offset, length) : source.locate(from(path)),
    diagnostic(path, fault, options) {
      const { offset: _offset, length: _length, ...whole } = fault
      return source.diagnostic(from(path), isSame(path) ? fault : whole, options)
    },
    // another text may hold the value of a variable
    quotable: (path) => isSame(path) && source.quotable(from(path)),
    verbatim: (path) => source.verbatim(from(path)),
  }
}

/** The part of a document at `at`, as a document of its own. */
export function partOf(document: SourceDocument, at: Path): SourceDocument {
  return viewOf(document, {
    value: valueAt(document.value, at),
    from: (path) => [...at, ...path],
  })
}
