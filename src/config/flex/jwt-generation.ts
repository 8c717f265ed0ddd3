import { z } from 'zod'
import { type FlexValue, literalText } from '../../expression/index.ts'
import { escapeName } from '../../json-pointer.ts'
import type { Fault, Path } from '../../kind.ts'
import type { Draft } from './draft.ts'
import { checkSecret, type FlexPolicyKind } from './policy-kind.ts'
import { refersToVariable } from './resolved-document.ts'

const seconds = z.int('expected whole seconds').nonnegative('expected seconds, or 0 for none')
const members = z.array(z.strictObject({ name: z.string().min(1), value: z.string() }))

const schema = z.strictObject({
  signingMethod: z
    .enum(['RS256', 'RS384', 'RS512', 'HS256', 'HS384', 'HS512', 'ES256', 'ES384'])
    .optional(),
  privateKey: z.string().min(1),
  iat: z.boolean().optional(),
  exp: seconds.optional(),
  nbf: seconds.optional(),
  customClaims: members.optional(),
  customHeaders: members.optional(),
})

type JwtGeneration = z.infer<typeof schema>

/**
 * `jwt-generation-flex`, as «Credential Injection JWT Generation Policy» documents it. Every member is called
 * required there and has a default, so one that is left out has that. The page says nothing of the place: it is the
 * Authorization header with Bearer, as for the siblings that document theirs.
 */
export const jwtGeneration: FlexPolicyKind<JwtGeneration> = {
  schema,
  secrets: ['privateKey'],
  scalars: ['iat', 'exp', 'nbf'],
  choices: ['signingMethod'],
  write(config, draft, at) {
    const { signingMethod = 'RS256', iat = true, exp = 0, nbf = 0 } = config
    const { privateKey, customClaims = [], customHeaders = [] } = config
    const from = (name: keyof JwtGeneration) => [...at, name]
    const isShared = signingMethod.startsWith('HS')
    checkSecret(privateKey, draft, from('privateKey'))
    draft.put(['jwt', 'signingMethod'], signingMethod, from('signingMethod'))
    draft.putSecret(['jwt', 'privateKey'], from('privateKey'))
    if (isShared) {
      // «Use plain text for HS»; a short one is in use there, so it is a warning here
      draft.put(['jwt', 'keyType'], 'Secret', from('privateKey'))
      draft.put(['jwt', 'allowWeakKey'], true, from('privateKey'))
    }
    draft.put(['jwt', 'iat'], iat, from('iat'))
    draft.put(['jwt', 'exp'], exp, from('exp'))
    draft.put(['jwt', 'nbf'], nbf, from('nbf'))
    putMembers('customClaims', customClaims, draft, from('customClaims'))
    const headers = putMembers('customHeaders', customHeaders, draft, from('customHeaders'))
    // no key id is documented, so that only a custom header gives one
    if (!headers.has('kid')) draft.put(['jwt', 'kid'], 'omit', from('privateKey'))
    draft.put(['inject'], INJECT, at)
  },
}

const INJECT = {
  location: 'header',
  name: 'authorization',
  scheme: 'Bearer',
  overwrite: 'always',
} as const

/** Puts the entries of a list, and gives the names that no request decides. */
function putMembers(
  list: 'customClaims' | 'customHeaders',
  entries: z.infer<typeof members>,
  draft: Draft,
  at: Path,
): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [index, { name: written, value }] of entries.entries()) {
    const path = ['jwt', list, index]
    const from = [...at, index]
    draft.put(path, {}, from)
    const named = draft.translate([...path, 'name'], written, [...from, 'name'])
    const name = isKnown(named) ? named.constant : undefined
    const translated = draft.translate([...path, 'value'], value, [...from, 'value'])
    if (name !== undefined) {
      const literal = list === 'customClaims' ? asOneName(name) : name
      draft.put([...path, 'name'], literalText(literal), [...from, 'name'])
      names.add(name)
    }
    if (list === 'customHeaders' && name === 'kid' && !translated?.constant) {
      draft.report([...from, 'value'], KEY_ID)
    }
    // a token for nobody in particular is no token for somebody
    const isSubject = list === 'customClaims' && mayBe('sub', named)
    draft.put([...path, 'onMissing'], isSubject ? 'error' : 'omit', from)
  }
  return names
}

/** True for a text of the file itself: what a variable holds is known only where the file runs. */
function isKnown(value: FlexValue | undefined): value is FlexValue & { readonly constant: string } {
  return value?.constant !== undefined && !refersToVariable(value.constant)
}

/** False when no request can make it `text`. */
function mayBe(text: string, value: FlexValue | undefined): boolean {
  if (isKnown(value)) return value.constant === text
  const [beginning = ''] = /^[^#$]*/.exec(value?.text ?? '') ?? []
  return text.startsWith(beginning)
}

const KEY_ID: Fault = {
  severity: 'error',
  rule: 'flex/kid',
  message: 'expected the text of a key id: it names the key, and is never taken from a request',
  hint: 'write the id itself, or leave this entry out',
}

/** A name that begins with a slash would be a JSON pointer here: this is the pointer (RFC 6901) to that one name. */
function asOneName(name: string): string {
  return name.startsWith('/') ? `/${escapeName(name)}` : name
}
