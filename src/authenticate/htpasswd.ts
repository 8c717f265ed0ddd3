import { resolve } from 'node:path'
import { checkFileMode } from '../keys/index.ts'
import type { Scope } from '../kind.ts'
import { decodeUtf8 } from '../utf8.ts'

/**
 * The bcrypt hashes of an htpasswd file by user name; undefined after an error was reported at `scope`, which is that
 * of the path.
 */
export async function readUsers(
  path: string,
  scope: Scope,
): Promise<ReadonlyMap<string, string> | undefined> {
  const refuse = (message: string, hint?: string) => {
    const fault = { severity: 'error', rule: 'authenticator/htpasswd', message } as const
    scope.report([], hint === undefined ? fault : { ...fault, hint })
  }
  let bytes: Buffer
  try {
    bytes = await scope.environment.readFile(resolve(scope.folder, path))
  } catch {
    const hint = 'check the path, which is relative to this file, and who may read it'
    refuse('expected an htpasswd file that can be read', hint)
    return undefined
  }
  await checkFileMode(path, bytes, scope, 'password')
  const text = decodeUtf8(bytes)
  if (text === undefined) {
    refuse('expected an htpasswd file in UTF-8')
    return undefined
  }
  const { users, faults } = parseHtpasswd(text)
  for (const { line, message } of faults) {
    const hint = 'write the line with: htpasswd -B -C 10 FILE USER'
    refuse(`${message}, in line ${line} of the file`, hint)
  }
  return faults.length > 0 ? undefined : users
}

/** The users of an htpasswd file. */
interface Htpasswd {
  /** bcrypt hashes by user name. */
  readonly users: ReadonlyMap<string, string>
  /** What is wrong with the file: the line, from 1, and what was expected there. */
  readonly faults: readonly { readonly line: number; readonly message: string }[]
}

/** 2^15 rounds take seconds; `$2y$31$` would take days for each request. */
const MOST_COST = 15

/** `$2a$`, `$2b$` and `$2y$` name the same function for what we let through; 4 is the least cost there is. */
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/** What `htpasswd` can write besides, by how it begins. */
const FORMATS = [
  [/^\$apr1\$/, 'MD5 ($apr1$)'],
  [/^\{SHA\}/, 'SHA-1 ({SHA})'],
  [/^\$5\$/, 'SHA-256 crypt ($5$)'],
  [/^\$6\$/, 'SHA-512 crypt ($6$)'],
  [/^\$2/, 'bcrypt that is cut off or of an unknown version'],
] as const

/**
 * Reads `name:hash` lines as Apache httpd does: blank lines and lines that begin with `#` are skipped. Only bcrypt is
 * taken, and a name once.
 */
function parseHtpasswd(text: string): Htpasswd {
  const users = new Map<string, string>()
  const lines = new Map<string, number>()
  const faults: { line: number; message: string }[] = []
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const [line, entry] = [index + 1, raw.trim()]
    if (entry === '' || entry.startsWith('#')) continue
    const [name, hash] = splitAtColon(entry)
    const earlier = lines.get(name)
    const message =
      earlier === undefined
        ? wrongEntry(name, hash)
        : `expected a user once, line ${earlier} has it`
    if (message !== undefined) faults.push({ line, message })
    lines.set(name, earlier ?? line)
    // the library refuses the name that Apache gives to the same function
    users.set(name, (hash ?? '').replace(/^\$2y\$/, '$2b$'))
  }
  return { users, faults }
}

/** The cost in a bcrypt hash: the logarithm of its rounds. */
export function costOf(hash: string): number {
  return Number(BCRYPT.exec(hash)?.[1])
}

function splitAtColon(entry: string): [string, string?] {
  const at = entry.indexOf(':')
  return at < 0 ? [entry] : [entry.slice(0, at), entry.slice(at + 1)]
}

function wrongEntry(name: string, hash: string | undefined): string | undefined {
  if (hash === undefined || name === '') return 'expected a user name, ":" and a bcrypt hash'
  if (!BCRYPT.test(hash)) return `expected a bcrypt hash, found ${formatOf(hash)}`
  const cost = costOf(hash)
  if (cost >= 4 && cost <= MOST_COST) return undefined
  return `expected a bcrypt cost of 4 to ${MOST_COST}`
}

function formatOf(hash: string): string {
  const [, format = 'crypt, plain text or an unknown format'] =
    FORMATS.find(([begin]) => begin.test(hash)) ?? []
  return format
}
