import { z } from 'zod'
import { type AlgorithmName, algorithm as specOf } from './algorithms.ts'
import type { Report } from './key-material.ts'

/** `kid` in a policy file or account: `thumbprint`, `x5t`, `omit`, or the name itself. */
export const kidSchema = z
  .string()
  .regex(/^[\x20-\x7e]{1,256}$/, 'expected 1 to 256 printable ASCII characters')
  .describe('Key id: thumbprint (RFC 7638), x5t, omit, or a name.')

/** How the key id is found once the key is known. */
export interface KidRule {
  readonly thumbprint: boolean
  /** The key id itself, when it is written out. */
  readonly name?: string
}

/** The rule for a `kid` as written; undefined after an error was reported. */
export function kidRule(
  kid: string | undefined,
  algorithm: AlgorithmName,
  report: Report,
): KidRule | undefined {
  const isSecret = specOf(algorithm).family === 'HMAC'
  switch (kid ?? (isSecret ? 'omit' : 'thumbprint')) {
    case 'omit':
      return { thumbprint: false }
    case 'thumbprint':
      if (!isSecret) return { thumbprint: true }
      return refuse(
        `expected a name or omit: the thumbprint of a secret (${algorithm}) would help to guess it`,
        'write kid: omit, or a name that says nothing about the secret',
      )
    case 'x5t':
      return refuse(
        'expected no x5t: this key has no certificate',
        'write kid: thumbprint, or a name',
      )
    default:
      return { thumbprint: false, ...(kid !== undefined && { name: kid }) }
  }

  function refuse(message: string, hint: string): undefined {
    report({ severity: 'error', rule: 'key/kid', message, hint })
  }
}
