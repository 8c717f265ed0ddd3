import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { GATEWAY_FILE } from '../defaults.ts'
import type { Environment } from '../environment.ts'
import { decodeUtf8, sortedByBytes } from '../utf8.ts'
import type { Diagnostic } from './diagnostic.ts'
import { readable, UnreadableError } from './unreadable-error.ts'

/** The policy files at a path. */
export interface PolicyFiles {
  /** As the user sees them; relative paths in a file are relative to its folder. */
  readonly files: readonly string[]
  /** Files beside them that a gateway would read as its own, and we do not: `*.json` and `*.test.yaml`. */
  readonly passedOver: readonly string[]
  /** The folders that were listed, as they really are; none when the path is that of a file. */
  readonly folders: readonly string[]
  /** Those of `files` that are no links themselves: they stand in the folder that they were found in. */
  readonly plain: ReadonlySet<string>
}

/** The text of a file, or what keeps it from being read as text. */
export interface Source {
  readonly path: string
  readonly text?: string
  readonly diagnostics: readonly Diagnostic[]
}

const MAX_BYTES = 1024 * 1024
const MAX_DEPTH = 32

/**
 * Policy files at `path`: the file itself, or of a folder all `*.yaml` and `*.yml` below it in byte order of their
 * paths, but for names that begin with a dot, `countersign.yaml` and `*.test.yaml`. Links are followed; `follow` is
 * told each that decides what is found, a `..data` link of a Kubernetes mount too. Throws `UnreadableError`.
 */
export async function findPolicyFiles(
  path: string,
  follow: (path: string) => Promise<void> = async () => {},
): Promise<PolicyFiles> {
  const whole = await readable(path, () => stat(path))
  if (!whole.isDirectory()) return { files: [path], passedOver: [], folders: [], plain: new Set() }
  const found: Found = { folders: [], plain: new Set() }
  const paths = sortedByBytes(await list(path, found, [], follow))
  return {
    files: paths.filter((file) => !isPassedOver(file)),
    passedOver: paths.filter(isPassedOver),
    ...found,
  }
}

interface Found {
  readonly folders: string[]
  readonly plain: Set<string>
}

/**
 * The text of a file of at most 1 MiB of UTF-8; more, or other bytes, is a diagnostic. Throws `UnreadableError` for
 * what is not a regular file or cannot be opened.
 */
export async function readSource(path: string, environment: Environment): Promise<Source> {
  let bytes: Buffer
  try {
    bytes = await readable(path, () => environment.readFile(path, MAX_BYTES))
  } catch (error) {
    if (!(error instanceof UnreadableError && error.code === 'EFBIG')) throw error
    return refuse(path, 1, 1, 'file/too-large', 'expected a file of at most 1 MiB')
  }
  const text = decodeUtf8(bytes)
  if (text !== undefined) return { path, text, diagnostics: [] }
  const { line, column } = firstInvalid(bytes)
  return refuse(path, line, column, 'file/encoding', 'expected UTF-8', 'save the file as UTF-8')
}

async function list(
  folder: string,
  found: Found,
  within: readonly string[],
  follow: (path: string) => Promise<void>,
): Promise<string[]> {
  await follow(folder)
  await follow(join(folder, '..data'))
  const real = await readable(folder, () => realpath(folder))
  if (within.includes(real) || within.length >= MAX_DEPTH)
    throw new UnreadableError(folder, 'ELOOP')
  found.folders.push(real)
  const entries = await readable(folder, () => readdir(real, { withFileTypes: true }))
  const paths: string[] = []
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    const isLink = entry.isSymbolicLink()
    const isFolder = isLink
      ? (await readable(path, () => stat(path))).isDirectory()
      : entry.isDirectory()
    if (isFolder) {
      paths.push(...(await list(path, found, [...within, real], follow)))
    } else if (isPolicyName(entry.name) || isPassedOver(entry.name)) {
      paths.push(path)
      if (!isLink) found.plain.add(path)
    }
  }
  return paths
}

function isPassedOver(name: string): boolean {
  return /\.json$|\.test\.yaml$/.test(name)
}

function isPolicyName(name: string): boolean {
  return /\.ya?ml$/.test(name) && name !== GATEWAY_FILE && !/\.test\.yaml$/.test(name)
}

function firstInvalid(bytes: Buffer): { line: number; column: number } {
  let line = 1
  let start = 0
  for (;;) {
    const end = bytes.indexOf(0x0a, start)
    const part = bytes.subarray(start, end < 0 ? bytes.length : end)
    if (decodeUtf8(part) === undefined) {
      const column = new TextDecoder().decode(part).indexOf('\ufffd') + 1
      return { line, column: Math.max(1, column) }
    }
    if (end < 0) return { line, column: 1 }
    start = end + 1
    line += 1
  }
}

function refuse(
  path: string,
  line: number,
  column: number,
  rule: string,
  message: string,
  hint?: string,
): Source {
  const diagnostic = { file: path, line, column, severity: 'error', rule, message } as const
  return { path, diagnostics: [{ ...diagnostic, ...(hint === undefined ? {} : { hint }) }] }
}
