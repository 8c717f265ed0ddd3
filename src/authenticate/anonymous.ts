import { z } from 'zod'
import type { AuthenticatorKind } from './authenticator.ts'

const schema = z.strictObject({}).describe('Lets every caller in who sent no credential.')

const NO_CREDENTIAL = { headerNames: [] }

/** Lets every caller in who sent no credential that an authenticator before it looks for. */
export const anonymous: AuthenticatorKind<z.infer<typeof schema>> = {
  schema,
  credential: () => NO_CREDENTIAL,
  create: () => ({
    ...NO_CREDENTIAL,
    admitsAnyone: true,
    challenge: () => '',
    examine: () => ({ caller: { scheme: 'anonymous' } }),
  }),
}
