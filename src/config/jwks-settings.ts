import type { z } from 'zod'
import type { JwksSettings } from '../compiled.ts'
import type { jwksSchema } from './jwks-schema.ts'

/** Milliseconds that a replaced key stays published, and that a verifier may keep the set. */
const OVERLAP = 600_000
const MAX_AGE = 300_000

/** The settings of a `jwks` block, with what goes for an absent one. */
export function jwksSettings({
  overlap = OVERLAP,
  maxAge = MAX_AGE,
  issuer,
  uri,
}: z.infer<typeof jwksSchema> = {}): JwksSettings {
  return {
    overlap,
    maxAge: Math.floor(maxAge / 1000),
    ...(issuer !== undefined && { issuer }),
    ...(uri !== undefined && { uri }),
  }
}
