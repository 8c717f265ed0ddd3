import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  type Diagnostic,
  loadConfiguration,
  loadPolicies,
  readDocuments,
  type SourceDocument,
} from '../config/index.ts'
import { GATEWAY_FILE } from '../defaults.ts'
import { type Environment, withReadFile } from '../environment.ts'
import type { Path } from '../kind.ts'
import { Secret } from '../secret.ts'
import type { ImportedFile, ImportTarget } from './imported.ts'

/** Something that loading the new files would say, and where. */
export interface Finding extends Pick<Diagnostic, 'severity' | 'rule' | 'message' | 'hint'> {
  /** The new file. */
  readonly file: string
  readonly line: number
  /** What it is about in the first document there. */
  readonly path: Path
}

/**
 * Loads files that are not written yet, and gives what is wrong or deserves a warning. Their names stand in a folder
 * of its own meanwhile; no text, and so no secret, leaves the memory.
 */
export async function checkFiles(
  files: readonly ImportedFile[],
  { out }: Pick<ImportTarget, 'out'>,
  environment: Environment,
): Promise<Finding[]> {
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  if (texts.size === 0) return []
  // below it everything has its full path, so that relative paths lead where they will
  const root = await realpath(await mkdtemp(join(tmpdir(), 'countersign-')))
  const originalOf = (path: string) => (path.startsWith(root) ? path.slice(root.length) : path)
  const staged = withReadFile(environment, async (path, limit) => {
    const text = texts.get(originalOf(path))
    if (text === undefined) return environment.readFile(originalOf(path), limit)
    return Buffer.from(text instanceof Secret ? text.reveal() : text)
  })
  try {
    await mkdir(join(root, out, 'policies'), { recursive: true })
    for (const path of texts.keys()) {
      await mkdir(join(root, dirname(path)), { recursive: true })
      // as they will be written
      await writeFile(join(root, path), '', { mode: 0o600 })
    }
    const { diagnostics } = texts.has(join(out, GATEWAY_FILE))
      ? await loadConfiguration({ config: join(root, out) }, staged)
      : await loadPolicies(join(root, out, 'policies'), staged)
    const read = async (file: string) =>
      texts.has(originalOf(file)) ? (await readDocuments(file, staged, []))[0] : undefined
    const found = diagnostics.filter(({ severity }) => severity !== 'notice')
    return await Promise.all(
      found.map(async (diagnostic) => ({
        ...diagnostic,
        file: originalOf(diagnostic.file),
        path: pathAt(await read(diagnostic.file), diagnostic),
      })),
    )
  } finally {
    await rm(root, { recursive: true })
  }
}

/** The path of the value that begins last before a place. */
function pathAt(document: SourceDocument | undefined, { line, column }: Diagnostic): Path {
  if (document === undefined) return []
  const before = pathsIn(document.value).filter((path) => {
    const at = document.locate(path, { key: true })
    return at.line < line || (at.line === line && at.column <= column)
  })
  return before.at(-1) ?? []
}

/** Every path in a value, in the order of the text. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const members = Object.entries(value).flatMap(([name, member]) => {
    return pathsIn(member, [...path, Array.isArray(value) ? Number(name) : name])
  })
  return [path, ...members]
}
