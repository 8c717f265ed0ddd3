/** Every reason for which a caller is not admitted. `docs/authentication.md` says of each what to do. */
export const REASONS = [
  // no credential of any kind that the route asks for
  'missing',
  // more than one where one belongs
  'ambiguous',
  'malformed',
  // JOSE header: the algorithm is not listed; what names a key or changes how it is read
  'algorithm',
  'header',
  'unknown-key',
  'signature',
  'expired',
  'not-yet-valid',
  'too-old',
  'issuer',
  'audience',
  'claim-type',
  'missing-field',
  // API keys, users, certificates
  'unknown',
  'password',
  'disabled',
  'not-listed',
  // recognised, but `allow` says no
  'not-allowed',
] as const

/** Why a caller is not admitted. */
export type Reason = (typeof REASONS)[number]
