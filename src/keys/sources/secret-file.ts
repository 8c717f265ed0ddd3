import { resolve } from 'node:path'
import { z } from 'zod'
import type { Scope } from '../../kind.ts'
import { SECRET_REFERENCE, Secret } from '../../secret.ts'
import { checkFileMode } from './file-mode.ts'

/** Bytes; an RSA key of 8192 bits in PEM needs 6.5 KiB. */
const MAXIMUM_SIZE = 64 * 1024

/** `file`: a path, relative to the folder of the file that it stands in. */
export const filePathSchema = z
  .string()
  .regex(/^(?!.*-----BEGIN)[^\0\r\n]{1,1024}$/, 'expected the path of a file')

/** The content of a file of secrets. */
export interface SecretFile {
  /** UTF-8 text without one line end at its end, or the base64 text of anything else. */
  readonly text: Secret
  readonly binary: boolean
}

/**
 * Reads a regular file of at most 64 KiB that holds a `noun` (`key`); `scope` is that of its path. Warns when others
 * may read it, too. Undefined after an error was reported.
 */
export async function readSecretFile(
  path: string,
  scope: Scope,
  noun: string,
): Promise<SecretFile | undefined> {
  const named = SECRET_REFERENCE.file.test(path) ? `: "${path}"` : ''
  const refuse = ([rule, message, hint]: Explanation) => {
    scope.report([], { severity: 'error', rule, message: `${message}${named}`, hint })
    return undefined
  }
  let bytes: Buffer
  try {
    bytes = await scope.environment.readFile(resolve(scope.folder, path), MAXIMUM_SIZE)
  } catch (error) {
    return refuse(explain(codeOf(error), noun))
  }
  const text = decode(bytes)
  if (text === '') {
    return refuse(['key/missing', `expected a ${noun}, the file is empty`, 'write it to the file'])
  }
  await checkFileMode(path, bytes, scope, noun)
  return { text: new Secret(text ?? bytes.toString('base64')), binary: text === undefined }
}

/** Reads a file as `readSecretFile` does, and refuses one that is not text. */
export async function readSecretText(
  path: string,
  scope: Scope,
  noun: string,
): Promise<Secret | undefined> {
  const found = await readSecretFile(path, scope, noun)
  if (found?.binary !== true) return found?.text
  scope.report([], {
    severity: 'error',
    rule: 'key/parse',
    message: `expected a ${noun} file of UTF-8 text`,
    hint: 'write it as text; only a key may be DER or PKCS#12',
  })
  return undefined
}

type Explanation = readonly [rule: string, message: string, hint: string]

function explain(code: string, noun: string): Explanation {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return [
        'key/missing',
        `expected a ${noun} file where none is`,
        'a relative path is relative to the folder of the policy file',
      ]
    case 'EACCES':
    case 'EPERM':
      return ['key/unreadable', `expected a ${noun} file that may be read`, 'check owner and mode']
    case 'EISDIR':
    case 'ENOTREG':
      return ['key/unreadable', 'expected a regular file', `name the file that holds the ${noun}`]
    case 'EFBIG':
      return [
        'key/unreadable',
        `expected a ${noun} file of at most 64 KiB`,
        `name the file that holds one ${noun} and nothing else`,
      ]
    default:
      return [
        'key/unreadable',
        `expected a ${noun} file that can be read (${code})`,
        'check the path',
      ]
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}

const SEQUENCE = 0x30

function decode(bytes: Buffer): string | undefined {
  // The DER of an Ed25519 key may happen to be valid UTF-8; it always holds a zero.
  if (bytes[0] === SEQUENCE && bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '')
  } catch {
    return undefined
  }
}
