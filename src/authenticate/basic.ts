import { z } from 'zod'
import { Secret } from '../secret.ts'
import { decodeUtf8 } from '../utf8.ts'
import type { Authenticator, AuthenticatorKind } from './authenticator.ts'
import { createCredentialPlace } from './credential-place.ts'
import { readUsers } from './htpasswd.ts'
import { warnOfNobody } from './nobody.ts'
import { createPasswords, loadBcrypt, PASSWORD_LIMIT, type Passwords } from './passwords.ts'

const schema = z
  .strictObject({
    htpasswd: z.string().min(1).describe('Path of an htpasswd file whose passwords are bcrypt.'),
    realm: z
      .string()
      .regex(/^[ !#-[\]-~]{1,128}$/, 'expected visible ASCII text without " and \\')
      .optional()
      .describe('What the caller is told to log in to. Default: the name of the authenticator.'),
  })
  .describe('User name and password (RFC 7617), checked with an htpasswd file.')

type BasicConfig = z.infer<typeof schema>

/** Callers with user name and password (RFC 7617); bcrypt alone, as every other format of htpasswd is fast to guess. */
export const basic: AuthenticatorKind<BasicConfig> = {
  schema,
  credential: () => PLACE.credential,
  async create({ htpasswd, realm }, scope, { name }) {
    const users = await readUsers(htpasswd, scope.at('htpasswd'))
    if (users?.size === 0) warnOfNobody(scope.at('htpasswd'))
    const comparer = users && (await loadBcrypt(scope))
    return (
      comparer &&
      createBasic(createPasswords(users, comparer, scope.environment), users, realm ?? name)
    )
  },
}

const PLACE = createCredentialPlace({
  location: 'header',
  name: 'authorization',
  scheme: 'Basic',
})

/** Characters of credentials before they are decoded. */
const LIMIT = 4096

function createBasic(
  passwords: Passwords,
  users: ReadonlyMap<string, string>,
  realm: string,
): Authenticator {
  return {
    ...PLACE.credential,
    challenge: () => `Basic realm="${realm}", charset="UTF-8"`,
    examine: PLACE.examine(async (credentials) => {
      const pair = decode(credentials)
      if (!pair) return { refused: { reason: 'malformed' } }
      const { user, password } = pair
      // compared also for nobody, so that the time does not tell who is there
      if (await passwords.prove(user, password))
        return { caller: { scheme: 'basic', principal: user } }
      return { refused: { reason: users.has(user) ? 'password' : 'unknown' } }
    }),
  }
}

/** User and password of `basic-credentials`; undefined when they are not what RFC 7617 section 2 describes. */
function decode(
  credentials: string,
): { readonly user: string; readonly password: Secret } | undefined {
  const bytes = Buffer.from(credentials, 'base64')
  // the decoder skips what is no base64; each text has one encoding
  if (credentials.length > LIMIT || bytes.toString('base64') !== credentials) return undefined
  const text = decodeUtf8(bytes)
  const colon = text?.indexOf(':') ?? -1
  if (text === undefined || colon < 0 || /\p{Cc}/u.test(text)) return undefined
  const [user, password] = [text.slice(0, colon), text.slice(colon + 1)]
  if (Buffer.byteLength(password) > PASSWORD_LIMIT) return undefined
  return { user, password: new Secret(password) }
}
