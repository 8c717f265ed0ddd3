import { z } from 'zod'
import { ALGORITHM_NAMES, verifyingKeyShape } from '../../keys/index.ts'
import { placeSchema } from '../credential-place.ts'
import { fieldSchema } from './field.ts'

const text = z
  .string()
  .min(1)
  .refine((written) => !written.includes('#['), {
    error: 'expected the text itself: no expression is evaluated here',
    params: { rule: 'authenticator/literal' },
  })
const oneOrMore = z.union([text, z.array(text).min(1)])

/** The `jwt` part of an authenticator. */
export const jwtSchema = z
  .strictObject({
    in: placeSchema('authorization').describe(
      'Where the token stands. Default: after Bearer in the authorization header.',
    ),
    ...verifyingKeyShape,
    algorithms: z
      .array(z.enum(ALGORITHM_NAMES))
      .min(1)
      .describe('The algorithms that are accepted, each fit for the type of the key.'),
    issuer: oneOrMore.optional().describe('The iss that a token must have, or a list of them.'),
    audience: oneOrMore
      .optional()
      .describe('What a token must name in aud, or a list of which it must name one.'),
    clockTolerance: z
      .number()
      .min(0)
      .max(60)
      .optional()
      .describe("Seconds by which the issuer's clock may differ from ours. Default 0, at most 60."),
    maxAge: z
      .int()
      .min(0)
      .optional()
      .describe(
        'Seconds after iat in which a token is accepted; when written, a token must have iat. 0: no limit. ' +
          'Default 86400 for a token with iat.',
      ),
    usernameField: fieldSchema.describe('The claim that gives authentication.principal.'),
    nameField: fieldSchema.optional().describe('The claim that gives authentication.name.'),
    emailField: fieldSchema.optional().describe('The claim that gives authentication.email.'),
    clientIdField: fieldSchema
      .optional()
      .describe('The claim that gives authentication.clientId. Default: client_id, else azp.'),
    rolesField: fieldSchema
      .optional()
      .describe('The claim that gives authentication.roles: a role, or a list of them.'),
    defaultUserType: text
      .optional()
      .describe('authentication.userType of a caller whose token carries no roles.'),
    initialRoles: z
      .array(text)
      .optional()
      .describe('authentication.roles of a caller whose token carries no roles.'),
  })
  .describe('Recognises callers by a signed JWT (RFC 7519).')

/** The `jwt` part of an authenticator that fits the schema. */
export type JwtConfig = z.infer<typeof jwtSchema>
