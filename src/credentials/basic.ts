import { z } from 'zod'
import { chain, compileValue, evaluateAt, type Value } from '../claims/index.ts'
import { CountersignError } from '../errors.ts'
import { readWrittenSecret, secretPlaces } from '../keys/index.ts'
import type { Fault, Scope } from '../kind.ts'
import { Secret } from '../secret.ts'
import type { CredentialSource, Json } from '../types.ts'
import { constantSource } from './constant-source.ts'
import type { CredentialKind } from './credential-kind.ts'

const schema = z
  .strictObject({
    username: z.string().min(1).describe('User name; may be an expression. Without a colon.'),
    password: z
      .union([z.string(), ...secretPlaces])
      .describe('Password: { env }, { file }, or the text itself, which is warned about.'),
  })
  .describe('Sends a user name and a password (RFC 7617).')

type BasicConfig = z.infer<typeof schema>

/** User name and password as base64 of their UTF-8 text with a colon between (RFC 7617). */
export const basic: CredentialKind<BasicConfig> = {
  schema,
  place: { name: 'authorization', scheme: 'Basic' },
  isCacheable: false,
  async create({ username: written, password: secret }, scope) {
    const at = scope.at('username')
    const username = compileValue(written, at)
    const password = await readWrittenSecret(secret, scope.at('password'), 'password')
    if (username === undefined || !isFit(username, password, scope)) return undefined
    const encode = (name: string) => new Secret(base64(`${name}:${password.reveal()}`))
    if (typeof username.constant === 'string') return constantSource(encode(username.constant))
    return computedSource(username, encode, scope.locate(['username']))
  },
  async inspect({ username }, scope) {
    if (typeof username === 'string') compileValue(username, scope.at('username'))
  },
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

// RFC 7617 section 2: the first colon ends the user name, and neither part has a control character.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const CONTROL = /[\0-\x1f\x7f]/

function isUserName(name: Json | undefined): name is string {
  return typeof name === 'string' && name !== '' && !name.includes(':') && !CONTROL.test(name)
}

/** Reports what RFC 7617 has no way to say. */
function isFit(
  { constant }: Value,
  password: Secret | undefined,
  scope: Scope,
): password is Secret {
  const isNamed = constant === undefined || isUserName(constant)
  if (!isNamed) scope.report(['username'], USER_NAME)
  const isPlain = password === undefined || !CONTROL.test(password.reveal())
  if (!isPlain) scope.report(['password'], PASSWORD)
  return isNamed && isPlain && password !== undefined
}

const USER_NAME: Fault = {
  severity: 'error',
  rule: 'basic/username',
  message: 'expected a user name without colon and control characters',
  hint: 'RFC 7617 has the colon end the user name',
}

const PASSWORD: Fault = {
  severity: 'error',
  rule: 'basic/password',
  message: 'expected a password of one line without control characters',
  hint: 'write the password alone',
}

function computedSource(
  username: Value,
  encode: (name: string) => Secret,
  at: string,
): CredentialSource {
  const place = { claim: 'username', at }
  return {
    reads: username.reads,
    publicKeys: [],
    close: () => undefined,
    issue: (context) =>
      chain(evaluateAt(username, context, place), (name) => {
        if (isUserName(name)) return { value: encode(name) }
        const code = name === undefined ? 'claim/missing' : 'claim/type'
        const message = 'expected "username" to be text without colon and control characters'
        throw new CountersignError(code, message, place)
      }),
  }
}
