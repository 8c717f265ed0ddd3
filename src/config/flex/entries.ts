import { basename } from 'node:path'
import type { Path } from '../../kind.ts'
import { valueAt } from '../../value-at.ts'
import { createNames, kebabName } from '../kebab-name.ts'
import type { SourceDocument } from '../yaml/index.ts'

/** One policy of a Flex document, in whatever it stands. */
export interface FlexEntry {
  readonly document: SourceDocument
  /** Where `policyRef`, `config` and `rules` stand. */
  readonly at: Path
  /** Unique, kebab-case. */
  readonly name: string
  /** What the name comes from. */
  readonly nameAt: Path
  /** Absent: the default. */
  readonly order?: number
  readonly orderAt: Path
  /** What it is bound to; absent in a list of policies alone. */
  readonly target?: { readonly name: string; readonly namespace?: string; readonly at: Path }
}

/** The `order` of a PolicyBinding that has none; inline policies count on from there, so that they stay in order. */
const ORDER = 50

/** The policies of Flex documents in file order, as far as they have a name. */
export function flexEntries(documents: readonly SourceDocument[]): FlexEntry[] {
  const inFile = new Map<string, number>()
  return documents.flatMap((document) => {
    const { value } = document
    const kind = valueAt(value, ['kind'])
    if (kind === 'ApiInstance') return ofApi(document)
    if (kind === 'PolicyBinding') return ofBinding(document)
    if (kind !== undefined) return []
    const paths: Path[] = Array.isArray(value) ? value.map((_, index) => [index]) : [[]]
    const before = inFile.get(document.file) ?? 0
    inFile.set(document.file, before + paths.length)
    const stem = kebabName(basename(document.file).replace(/\.ya?ml$/, ''), 'flex')
    return paths.map((at, index) => {
      const nameAt = policyNameAt(document, at)
      return {
        document,
        at,
        name: `${stem}-${before + index + 1}`,
        nameAt,
        ...place(before + index, at),
      }
    })
  })
}

/** Where the name of the policy at `at` stands: `policyRef: { name }` or the name alone. */
export function policyNameAt({ value }: SourceDocument, at: Path): Path {
  const refAt = [...at, 'policyRef']
  return typeof valueAt(value, refAt) === 'string' ? refAt : [...refAt, 'name']
}

function ofApi(document: SourceDocument): FlexEntry[] {
  const metadata = metadataOf(document)
  const policies = valueAt(document.value, ['spec', 'policies'])
  if (metadata === undefined || !Array.isArray(policies)) return []
  const number = createNames()
  return policies.map((_, index) => {
    const at = ['spec', 'policies', index]
    const nameAt = policyNameAt(document, at)
    const policy = String(valueAt(document.value, nameAt) ?? '')
    const name = number(`${kebabName(metadata.name, 'flex')}-${kebabName(policy, 'flex')}`)
    const target = { ...metadata, at: ['metadata', 'name'] }
    return { document, at, name, nameAt, target, ...place(index, at) }
  })
}

function ofBinding(document: SourceDocument): FlexEntry[] {
  const metadata = metadataOf(document)
  if (metadata === undefined) return []
  const targetAt = ['spec', 'targetRef', 'name']
  const target = valueAt(document.value, targetAt)
  const namespace = valueAt(document.value, ['spec', 'targetRef', 'namespace'])
  const order = valueAt(document.value, ['spec', 'order'])
  const entry = {
    document,
    at: ['spec'],
    name: kebabName(metadata.name, 'flex'),
    nameAt: ['metadata', 'name'],
    orderAt: ['spec', 'order'],
    ...(typeof order === 'number' && { order }),
  }
  if (typeof target !== 'string') return [entry]
  const within = typeof namespace === 'string' ? { namespace } : metadata
  return [{ ...entry, target: { ...within, name: target, at: targetAt } }]
}

function metadataOf({ value }: SourceDocument) {
  const name = valueAt(value, ['metadata', 'name'])
  const namespace = valueAt(value, ['metadata', 'namespace'])
  if (typeof name !== 'string') return undefined
  return { name, ...(typeof namespace === 'string' && { namespace }) }
}

function place(index: number, at: Path): Pick<FlexEntry, 'order' | 'orderAt'> {
  return { ...(index > 0 && { order: ORDER + index }), orderAt: at }
}
