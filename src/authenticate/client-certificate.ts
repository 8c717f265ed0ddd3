import type { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import type { Authentication } from '../types.ts'
import { alternativeNames, bareName, parseAlternativeName } from './alternative-names.ts'
import type { Authenticator, AuthenticatorKind, Finding } from './authenticator.ts'
import { hasSubject, parseSubject, type Subject, subjectOf } from './subject.ts'

const subject = z.string().transform((text, context) => {
  const wanted = parseSubject(text)
  if (wanted) return wanted
  const message = 'expected a subject, such as CN=orders,O=acme, that names an attribute once'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

const alternativeName = z.string().transform((text, context) => {
  const name = parseAlternativeName(text)
  if (name !== undefined) return name
  const message = 'expected DNS:NAME, URI:URI, email:ADDRESS or IP:ADDRESS'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

const fingerprint = z
  .string()
  .regex(/^[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){31}$/, 'expected a SHA-256 fingerprint in hex')
  .transform(plainHex)

const schema = z
  .strictObject({
    subjects: z
      .array(subject)
      .min(1)
      .optional()
      .describe('Attributes that the subject must have: CN=orders,O=acme.'),
    sans: z
      .array(alternativeName)
      .min(1)
      .optional()
      .describe('Subject alternative names: DNS:orders.mesh, URI:spiffe://mesh/orders.'),
    fingerprints: z
      .array(fingerprint)
      .min(1)
      .optional()
      .describe('SHA-256 fingerprints in hex, with or without colons.'),
  })
  .refine(({ subjects, sans, fingerprints }) => subjects ?? sans ?? fingerprints, {
    error: 'expected subjects, sans or fingerprints',
    params: { rule: 'schema/required' },
  })
  .describe(
    'The certificate of the connection; a client that is on one of the lists is recognised.',
  )

type Allowed = z.output<typeof schema>

/** Callers by the certificate of their connection, which the listener's `clientCa` must trust. */
export const clientCertificate: AuthenticatorKind<Allowed> = {
  schema: schema as z.ZodType<Allowed>,
  credential: () => CREDENTIAL,
  create: (allowed, { environment }, { name }) =>
    createClientCertificate(name, allowed, environment.now),
}

const CREDENTIAL = { place: 'certificate', headerNames: [], isOfConnection: true }

function createClientCertificate(name: string, allowed: Allowed, now: () => number): Authenticator {
  // every request of a connection shows the same certificate
  const known = new WeakMap<X509Certificate, Identity>()
  return {
    ...CREDENTIAL,
    // no registered scheme asks for a certificate, yet a 401 must have a challenge (RFC 9110 section 15.5.2)
    challenge: () => `ClientCertificate realm="${name}"`,
    examine({ peer }): Finding {
      const { certificate } = peer
      if (!certificate) return undefined
      const identity = known.get(certificate) ?? identityOf(certificate)
      known.set(certificate, identity)
      // it was good when the connection began
      if (now() > identity.notAfter) return { refused: { reason: 'expired' } }
      if (!isListed(identity, allowed)) return { refused: { reason: 'not-listed' } }
      return { caller: callerOf(identity) }
    },
  }
}

interface Identity {
  readonly subject: Subject
  readonly sans: string[]
  /** SHA-256 of the certificate in lower-case hex. */
  readonly fingerprint: string
  /** In milliseconds since the epoch. */
  readonly notAfter: number
}

function identityOf(certificate: X509Certificate): Identity {
  return {
    subject: subjectOf(certificate),
    sans: alternativeNames(certificate),
    fingerprint: plainHex(certificate.fingerprint256),
    notAfter: Date.parse(certificate.validTo),
  }
}

function isListed(identity: Identity, { subjects, sans, fingerprints }: Allowed): boolean {
  return Boolean(
    subjects?.some((wanted) => hasSubject(identity.subject, wanted)) ||
      sans?.some((name) => identity.sans.includes(name)) ||
      fingerprints?.includes(identity.fingerprint),
  )
}

function callerOf({ subject, sans, fingerprint }: Identity): Authentication {
  const { CN: commonName } = subject
  const [san] = sans
  const name = typeof commonName === 'string' ? commonName : san && bareName(san)
  return {
    scheme: 'clientCertificate',
    principal: name ?? fingerprint,
    properties: { subject, sans, fingerprint },
  }
}

function plainHex(text: string): string {
  return text.replaceAll(':', '').toLowerCase()
}
