import type { FlexValue } from '../../expression/index.ts'
import type { Fault, Path } from '../../kind.ts'
import { valueAt } from '../../value-at.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { SourceDocument } from '../yaml/index.ts'
import { viewOf } from './document-view.ts'
import { referenceIn } from './resolved-document.ts'
import { translateText } from './translate-text.ts'

/** A text of a Flex file, and where its translation stands in our document. */
export interface FlexOriginal {
  /** In our document. */
  readonly path: Path
  /** As it stands in the Flex file, or what its `$NAME` stands for. */
  readonly text: string
  readonly kind: 'literal' | 'expression'
  /** What to look at in the translation. */
  readonly notices: readonly string[]
}

/** Where our document has a secret. */
export interface FlexSecret {
  /** The text, when the Flex file has it written out. */
  readonly text: Path
  /** What may say instead where it is kept. */
  readonly source: Path
}

/** A document of ours while it is written from parts of a Flex document. */
export interface Draft {
  /** Puts `value` at `path`, which comes from `from` of the Flex document. */
  put(path: Path, value: unknown, from: Path): void
  /** Puts the translation of a text there, and gives it; reports a text that has none. */
  translate(path: Path, text: string, from: Path): FlexValue | undefined
  /** Puts `{ env: NAME }` there when the text is one `$NAME`, else the text, or a map that has it as `member`. */
  putSecret(path: Path, from: Path, member?: string): void
  /** Reports a fault of the Flex document. */
  report(from: Path, fault: Fault): void
  finish(): FinishedDraft
}

/** A document of ours whose places are those of the Flex file. */
export interface FinishedDraft {
  readonly document: SourceDocument
  readonly originals: readonly FlexOriginal[]
  readonly secrets: readonly FlexSecret[]
  /** False after an error was reported; a text without translation is replaced, to look for faults in the rest. */
  readonly isWhole: boolean
  /** True after something was reported that deserves a look. */
  readonly hasNotice: boolean
}

/** Begins a document; what has no place of its own comes from `base` of `source`. */
export function createDraft(source: SourceDocument, base: Path, diagnostics: Diagnostic[]): Draft {
  const root: Tree = {}
  const origins: Origin[] = []
  const originals: FlexOriginal[] = []
  const secrets: FlexSecret[] = []
  let failed = false
  let noticed = false

  function report(from: Path, fault: Fault) {
    if (fault.severity === 'error') failed = true
    else noticed = true
    diagnostics.push(source.diagnostic(from, fault))
  }

  function put(path: Path, value: unknown, from: Path) {
    set(root, path, value)
    origins.push({ path, from })
  }

  return {
    put,
    report,
    translate(path, text, from) {
      const value = translateText(text, (fault) => report(from, fault))
      put(path, value?.text ?? `untranslated-${origins.length}`, from)
      if (value) {
        const notices = value.notices.map(({ message }) => message)
        originals.push({ path, text, kind: value.kind, notices })
      }
      return value
    },
    putSecret(path, from, member) {
      secrets.push({ source: path, text: member === undefined ? path : [...path, member] })
      const text = valueAt(source.value, from)
      const name = referenceIn(source, from, text)
      if (typeof text === 'string' && /^(['"]).*\1$/s.test(text)) report(from, QUOTED)
      if (name !== undefined) put(path, { env: name }, from)
      else put(member === undefined ? path : [...path, member], text, from)
    },
    finish() {
      const from = (path: Path) => originOf(path, origins) ?? base
      const document = inFlexWords(viewOf(source, { value: root, from }))
      return { document, originals, secrets, isWhole: !failed, hasNotice: noticed }
    },
  }
}

/** Hints say how to write it here; where a secret is, a Flex file says in another way. */
function inFlexWords(document: SourceDocument): SourceDocument {
  const hint = 'write $NAME, and set that environment variable'
  return {
    ...document,
    diagnostic: (path, fault, options) =>
      document.diagnostic(path, fault.rule === 'key/inline' ? { ...fault, hint } : fault, options),
  }
}

const QUOTED: Fault = {
  severity: 'notice',
  rule: 'flex/quotes',
  message:
    'the quotes are kept as a part of the secret: what the gateway does with them is not documented',
  hint: 'write the secret without them when they are not meant',
}

interface Origin {
  readonly path: Path
  readonly from: Path
}

/** The origin of the nearest value above, and the same steps from there. */
function originOf(path: Path, origins: readonly Origin[]): Path | undefined {
  const isAbove = (origin: Origin) => origin.path.every((step, index) => step === path[index])
  const [nearest] = origins.filter(isAbove).sort((a, b) => b.path.length - a.path.length)
  return nearest && [...nearest.from, ...path.slice(nearest.path.length)]
}

type Tree = { [step: string | number]: unknown }

function set(root: Tree, path: Path, value: unknown): void {
  let tree = root
  for (const [depth, step] of path.slice(0, -1).entries()) {
    tree[step] ??= typeof path[depth + 1] === 'number' ? [] : {}
    tree = tree[step] as Tree
  }
  const last = path.at(-1)
  if (last !== undefined) tree[last] = value
}
