import { dirname, join } from 'node:path'
import { type FlexPolicy, writeDocuments } from '../../config/index.ts'
import type { Path } from '../../kind.ts'
import type { JsonObject } from '../../types.ts'
import { valueAt } from '../../value-at.ts'
import { findingItem } from '../finding-item.ts'
import {
  type Imported,
  type ImportedItem,
  type ImportTarget,
  judged,
  needsPerson,
} from '../imported.ts'
import { moveSecrets } from './secrets.ts'
import { testStub } from './test-stub.ts'

/** What is written for one policy. */
export interface FlexPolicyOptions extends ImportTarget {
  /** Why the policy must not apply yet; absent when it may. */
  readonly switchedOff?: string
}

/** A policy of a Flex file as files of ours: the policy, its secrets, and the beginning of a test. */
export function importFlexPolicy(policy: FlexPolicy, options: FlexPolicyOptions): Imported {
  const { document, originals, secrets, hasNotice } = policy
  const written = document.value as JsonObject
  const path = join(options.out, 'policies', `${written.name}.yaml`)
  const { value, files, moved } = moveSecrets(written, secrets, dirname(path), options)
  const itemAt = (at: Path, state: ImportedItem['state'], note?: string): ImportedItem => {
    const { file } = document
    const item = [written.name, ...at].join(' ').replace(/ (\d+)(?= |$)/g, '[$1]')
    return { file, line: document.locate(at).line, item, state, ...(note && { note }) }
  }
  const findings = (options.findings ?? []).filter(({ file }) => file === path)
  const parts = judged(
    [
      ...moved.map(({ path: at, state, note }) => itemAt(at, state, note)),
      ...originals.map(({ path: at, text, kind, notices }) => {
        const { state, note } = readOfVariable(text)
        const missing = kind === 'expression' ? whenMissing(value, at) : []
        const notes = [...notices, ...note, ...missing].join('; ')
        return itemAt(at, notices.length > 0 && state === 'translated' ? 'notice' : state, notes)
      }),
      ...findings.map((finding) => {
        const { file, line, item } = itemAt(finding.path, 'notice')
        return findingItem(finding, { file, line, item })
      }),
    ],
    options,
  )
  const left = parts.find(needsPerson)
  const reason = left
    ? `${left.item}: ${left.note}`
    : options.strict && hasNotice
      ? STRICT
      : undefined
  const switchedOff = options.switchedOff ?? (reason && `switched off: ${reason}`)
  const comments = originals
    .filter(({ kind, notices }) => kind === 'expression' || notices.length > 0)
    .map(({ path: at, text }) => ({ path: at, text }))
  return {
    items: [
      itemAt([], options.switchedOff === undefined ? 'translated' : 'person', options.switchedOff),
      ...parts,
    ],
    files: [
      ...files,
      {
        path,
        text: writeDocuments([
          {
            value: switchedOff === undefined ? value : disabled(value),
            references: true,
            comments:
              switchedOff === undefined
                ? comments
                : [{ path: ['enabled'], text: switchedOff }, ...comments],
          },
        ]),
      },
      {
        path: path.replace(/\.yaml$/, '.test.yaml'),
        text: writeDocuments([{ value: testStub(value), references: true }]),
      },
    ],
  }
}

const STRICT = 'a notice is about it'

/** What to know of a text that a variable becomes part of. */
function readOfVariable(text: string): { state: ImportedItem['state']; note: readonly string[] } {
  const name = /\$\{(\w+)/.exec(text)?.[1]
  if (name === undefined || text.startsWith('#[')) return { state: 'translated', note: [] }
  if (/#\$\{|^\s*\$\{[^}]*\}.+\]\s*$/s.test(text)) {
    const note = `${name} may begin an expression: write the expression out`
    return { state: 'person', note: [note] }
  }
  const note = `what ${name} holds is taken as it is: as a Flex file, quotes around it are left out and #[…] in it is DataWeave`
  return { state: 'notice', note: [note] }
}

/** Directly behind the name, where it is seen. */
function disabled({ name = '', ...rest }: JsonObject): JsonObject {
  return { name, enabled: false, ...rest }
}

/** What happens when a request has no value for the expression at `path`, as far as the policy says it. */
function whenMissing(policy: JsonObject, path: Path): string[] {
  const onMissing = valueAt(policy, [...path.slice(0, -1), 'onMissing'])
  if (path.at(-1) !== 'value' || typeof onMissing !== 'string') return []
  return [`without a value: ${onMissing === 'omit' ? 'left out' : 'the request is refused'}`]
}
