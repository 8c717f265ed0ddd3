import { z } from 'zod'
import { addressRangeSchema, parseAddressRange, peerList } from '../address-range.ts'
import { fold, tokenSchema } from '../header-name.ts'
import type { Scope } from '../kind.ts'
import type { RequestHead } from '../types.ts'
import type { Authenticator, AuthenticatorKind } from './authenticator.ts'
import { type CredentialPlace, createCredentialPlace, fieldNameSchema } from './credential-place.ts'

const schema = z
  .strictObject({
    name: fieldNameSchema('a header name, such as x-user').describe(
      'The header field with the user.',
    ),
    from: z
      .array(addressRangeSchema)
      .min(1)
      .describe('Addresses of the peers that may send it; it is removed from everyone else.'),
    scheme: tokenSchema('an authentication scheme')
      .optional()
      .describe('Word before the user. Default none.'),
  })
  .describe(
    'The user as a proxy in front of us says it, in a header field that only this proxy may send.',
  )

type TrustedHeaderConfig = z.infer<typeof schema>

/** Callers that a proxy in front of us has recognised. */
export const trustedHeader: AuthenticatorKind<TrustedHeaderConfig> = {
  schema,
  credential: (config) => placeOf(config).credential,
  create(config, scope, { name }) {
    warnOfEveryone(config, scope.at('from'))
    return createTrustedHeader(config, name)
  },
}

function warnOfEveryone({ from }: TrustedHeaderConfig, scope: Scope): void {
  for (const [index, text] of from.entries()) {
    if (parseAddressRange(text)?.prefix !== 0) continue
    scope.report([index], {
      severity: 'warning',
      rule: 'authenticator/trusts-everyone',
      message: 'expected the addresses of a proxy: from everywhere, every caller can be anybody',
    })
  }
}

/** A user name: no control characters, which nobody has typed; the field is bounded with the head. */
const USER = /^[^\p{Cc}]+$/u

function createTrustedHeader(config: TrustedHeaderConfig, realm: string): Authenticator {
  const { credential, examine } = placeOf(config)
  const isTrusted = peerList(config.from)
  const examineTrusted = examine((user) =>
    USER.test(user)
      ? { caller: { scheme: 'trustedHeader', principal: user } }
      : { refused: { reason: 'malformed' } },
  )
  return {
    ...credential,
    // whoever could be asked for it is no client, yet a 401 must have a challenge (RFC 9110 section 15.5.2)
    challenge: () => `TrustedHeader realm="${realm}"`,
    examine: (evidence) =>
      isTrusted(evidence.head.remoteAddress) ? examineTrusted(evidence) : undefined,
  }
}

/** The field, from these peers: what others may send in it is another place. */
function placeOf({ name, from, scheme = 'none' }: TrustedHeaderConfig): CredentialPlace {
  const { credential, ...place } = createCredentialPlace({ location: 'header', name, scheme })
  const isTrusted = peerList(from)
  return {
    ...place,
    credential: {
      ...credential,
      place: [credential.place, ...from.toSorted()].join(' '),
      isForged: ({ head }) => !isTrusted(head.remoteAddress) || hasAlias(head, name.toLowerCase()),
    },
  }
}

/** True for another spelling of the name: the proxy in front of us has let through what it did not write. */
function hasAlias({ headers }: RequestHead, name: string): boolean {
  return Object.keys(headers).some((other) => other !== name && fold(other) === fold(name))
}
