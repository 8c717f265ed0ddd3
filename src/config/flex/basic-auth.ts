import { z } from 'zod'
import { checkSecret, type FlexPolicyKind } from './policy-kind.ts'
import { putHeader } from './put-header.ts'

const schema = z.strictObject({
  username: z.string().min(1),
  password: z.string(),
  overwrite: z.boolean().optional(),
  customHeader: z.string().min(1).optional(),
})

/**
 * `credential-injection-basic-auth-flex`, as «Credential Injection Basic Authentication Policy» documents it. User
 * name and password are called optional there without a default; what is sent without them is not said, so they are
 * asked for here.
 */
export const basicAuth: FlexPolicyKind<z.infer<typeof schema>> = {
  schema,
  secrets: ['password'],
  scalars: ['overwrite'],
  write({ username, password, overwrite = true, customHeader }, draft, at) {
    checkSecret(password, draft, [...at, 'password'])
    draft.translate(['basic', 'username'], username, [...at, 'username'])
    draft.putSecret(['basic', 'password'], [...at, 'password'])
    const header = { name: customHeader ?? 'authorization', scheme: 'Basic', overwrite } as const
    putHeader(['inject'], header, draft, [...at, 'customHeader'])
  },
}
