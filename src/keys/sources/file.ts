import { resolve } from 'node:path'
import { z } from 'zod'
import { SECRET_REFERENCE, Secret } from '../../secret.ts'
import type { KeySourceKind } from '../key-source-kind.ts'

/** Bytes; an RSA key of 8192 bits in PEM needs 6.5 KiB. */
const MAXIMUM_SIZE = 64 * 1024

/**
 * `privateKey: { file: PATH }`: the content of a regular file of at most 64 KiB, relative to the policy file.
 * It is UTF-8 text; exactly one line end at its end is taken off, so that an HMAC secret may be a line.
 */
export const file: KeySourceKind<{ file: string }> = {
  key: 'file',
  schema: z.strictObject({
    file: z
      .string()
      .regex(/^(?!.*-----BEGIN)[^\0\r\n]{1,1024}$/, 'expected the path of a file')
      .describe('Path of the key file, relative to the folder of this file.'),
  }),
  async create({ file: path }, scope) {
    const refuse = (rule: string, message: string, hint: string) => {
      scope.report(['file'], { severity: 'error', rule, message, hint })
      return undefined
    }
    const named = SECRET_REFERENCE.file.test(path) ? `: "${path}"` : ''
    let bytes: Buffer
    try {
      bytes = await scope.environment.readFile(resolve(scope.folder, path))
    } catch (error) {
      const [rule, message, hint] = explain(codeOf(error))
      return refuse(rule, `${message}${named}`, hint)
    }
    if (bytes.length > MAXIMUM_SIZE) {
      const [rule, message, hint] = explain('EFBIG')
      return refuse(rule, `${message}${named}`, hint)
    }
    const text = decode(bytes)
    if (text === undefined) {
      return refuse(
        'key/parse',
        `expected a key file of UTF-8 text${named}`,
        'convert DER with `openssl pkey -inform DER -out key.pem`; write a binary HMAC secret as a JWK: {"kty":"oct","k":"<base64url>"}',
      )
    }
    if (text === '') {
      return refuse(
        'key/missing',
        `expected a key, the file is empty${named}`,
        'write the key to it',
      )
    }
    return { text: new Secret(text), origin: 'a file', path: ['file'] }
  },
}

function explain(code: string): readonly [rule: string, message: string, hint: string] {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return [
        'key/missing',
        'expected a key file where none is',
        'a relative path is relative to the folder of the policy file',
      ]
    case 'EACCES':
    case 'EPERM':
      return ['key/unreadable', 'expected a key file that may be read', 'check owner and mode']
    case 'EISDIR':
    case 'ENOTREG':
      return ['key/unreadable', 'expected a regular file', 'name the file that holds the key']
    case 'EFBIG':
      return [
        'key/unreadable',
        'expected a key file of at most 64 KiB',
        'name the file that holds one key and nothing else',
      ]
    default:
      return ['key/unreadable', `expected a key file that can be read (${code})`, 'check the path']
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '')
  } catch {
    return undefined
  }
}
