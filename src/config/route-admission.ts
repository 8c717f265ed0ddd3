import type { Admission } from '../admission.ts'
import { createAdmission, type NamedAuthenticator } from '../authenticate/index.ts'
import type { Scope } from '../kind.ts'
import { nameHint } from '../nearest.ts'
import type { NamedAuthenticators } from './authenticators.ts'
import { compileCondition } from './condition.ts'
import type { RouteConfig } from './gateway-schema.ts'
import { headersRead } from './headers-read.ts'

/** What `allow` may read: who calls is known by then, and no token and no body is. */
const ALLOW = {
  key: 'allow',
  rule: 'gateway/allow',
  roots: ['attributes', 'authentication', 'upstream', 'vars'],
} as const

/** Compiles `authenticate` and `allow` of a route; undefined after an error was reported. `scope` is the route's. */
export function compileAdmission(
  { authenticate, allow }: RouteConfig,
  known: NamedAuthenticators,
  scope: Scope,
): Admission | undefined {
  const authenticators = authenticate && findNamed(authenticate, known, scope.at('authenticate'))
  const allowed =
    allow === undefined ? undefined : compileCondition(allow, scope.at('allow'), ALLOW)
  if ((authenticate && !authenticators) || (allow !== undefined && !allowed)) return undefined
  const isOther = (named: NamedAuthenticator) => !authenticators?.includes(named)
  return createAdmission({
    ...(authenticators && { authenticators }),
    others: [...known.values()].flatMap((named) => (named && isOther(named) ? named : [])),
    ...(allowed && {
      allow: allowed.holds,
      allowReads: headersRead(allowed.reads),
    }),
  })
}

/** Undefined when a name is none, or that of an authenticator with an error. */
function findNamed(
  names: readonly string[],
  known: NamedAuthenticators,
  scope: Scope,
): NamedAuthenticator[] | undefined {
  for (const [index, name] of names.entries()) {
    if (known.has(name)) continue
    scope.report([index], {
      severity: 'error',
      rule: 'gateway/unknown-authenticator',
      message: `expected the name of an authenticator, "${name}" is none`,
      hint: nameHint(name, [...known.keys()], 'authenticators', 'write it under authenticators'),
    })
  }
  const authenticators = names.map((name) => known.get(name)).filter((named) => named !== undefined)
  if (authenticators.length < names.length) return undefined
  checkAsked(authenticators, scope)
  return authenticators
}

/** Says when nobody is recognised, and which authenticators are never asked. */
function checkAsked(authenticators: readonly NamedAuthenticator[], scope: Scope): void {
  if (!authenticators.some(({ enabled }) => enabled)) {
    scope.report([], {
      severity: 'warning',
      rule: 'gateway/nobody-recognised',
      message: 'expected an authenticator that is enabled: every request is refused',
    })
  }
  for (const [index, named] of authenticators.entries()) {
    if (!named.enabled) continue
    if (named.isBlind) warnOfListener(named, scope.at(index))
    const earlier = authenticators.slice(0, index).find((other) => decidesBefore(other, named))
    if (earlier) warnOfOrder(earlier, scope.at(index))
  }
}

function warnOfListener({ name }: NamedAuthenticator, scope: Scope): void {
  scope.report([], {
    severity: 'warning',
    rule: 'gateway/no-client-ca',
    message: `expected "listen.tls.clientCa" for "${name}": without it no client is asked for a certificate`,
    hint: 'name the PEM file of the authorities of client certificates there',
  })
}

function warnOfOrder({ name, authenticator }: NamedAuthenticator, scope: Scope): void {
  const why = authenticator.admitsAnyone
    ? 'lets in everyone'
    : 'decides about every credential that this one would find'
  scope.report([], {
    severity: 'warning',
    rule: 'gateway/never-asked',
    message: `expected an authenticator that is ever asked: "${name}" stands before it and ${why}`,
  })
}

/** True when nothing that the one leaves can be for the other. */
function decidesBefore(earlier: NamedAuthenticator, later: NamedAuthenticator): boolean {
  const [{ admitsAnyone, place, issuers }, other] = [earlier.authenticator, later.authenticator]
  if (!earlier.enabled) return false
  if (admitsAnyone) return true
  if (place === undefined || place !== other.place) return false
  const isLeft = other.issuers?.some((issuer) => !issuers?.includes(issuer)) ?? true
  return earlier.kind !== later.kind || !issuers || !isLeft
}
