import { z } from 'zod'
import { Secret } from '../../secret.ts'
import { parseJwk } from '../formats/jwk.ts'
import type { KeyMaterial } from '../key-material.ts'
import type { KeySourceKind } from './key-source-kind.ts'
import { warnInline } from './warn-inline.ts'

/** `privateKey: { jwk: … }`: a JSON Web Key (RFC 7517) as a mapping or as JSON text. */
export const jwk: KeySourceKind<{ jwk: string | Record<string, unknown> }, KeyMaterial> = {
  key: 'jwk',
  references: { jwk: null },
  schema: z.strictObject({
    jwk: z
      .union([z.string(), z.looseObject({ kty: z.string() })])
      .describe('A private JSON Web Key (RFC 7517), as a mapping or as JSON text.'),
  }),
  create({ jwk: value }, scope) {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    if (parseJwk(text) === undefined) {
      scope.report(['jwk'], {
        severity: 'error',
        rule: 'key/parse',
        message: 'expected a JSON Web Key: a JSON object with "kty"',
        hint: 'write PEM as privateKey: { file: PATH }, and a JWK set as { jwks: PATH }',
      })
      return undefined
    }
    warnInline(scope.at('jwk'))
    return { text: new Secret(text), origin: 'the policy file', path: ['jwk'] }
  },
}
