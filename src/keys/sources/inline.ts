import { z } from 'zod'
import { Secret } from '../../secret.ts'
import type { KeyMaterial } from '../key-material.ts'
import type { KeySourceKind } from './key-source-kind.ts'
import { warnInline } from './warn-inline.ts'

/** `privateKey: "…"`: the text is the key. Warned about, because policy files are read by many eyes. */
export const inline: KeySourceKind<string, KeyMaterial> = {
  key: undefined,
  references: {},
  schema: z
    .string()
    .describe('The key itself: PEM, JWK text, or the plain text of an HMAC secret.'),
  create(text, scope) {
    if (text === '') {
      scope.report([], {
        severity: 'error',
        rule: 'key/missing',
        message: 'expected a key, found an empty text',
        hint: 'write { env: NAME } or { file: PATH }',
      })
      return undefined
    }
    warnInline(scope)
    return { text: new Secret(text), origin: 'the policy file', path: [] }
  },
}
