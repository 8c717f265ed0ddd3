import { z } from 'zod'
import { decidesMessage, fold, tokenSchema } from '../header-name.ts'
import type { Scope } from '../kind.ts'
import { Secret } from '../secret.ts'
import type { Placement } from '../types.ts'
import { overwriteSchema, type PlacementKind, valueSchema } from './placement-kind.ts'
import { sendable } from './sendable.ts'

const schema = z
  .strictObject({
    location: z
      .literal('header')
      .optional()
      .default('header')
      .describe('A header field; the default location.'),
    name: tokenSchema('a header name, such as x-token')
      .optional()
      .describe('Name of the header field. Default: authorization.'),
    scheme: z
      .string()
      .regex(/^(?:[!-~](?:[ -~]*[!-~])?)?$/, 'expected visible ASCII with spaces inside only')
      .optional()
      .describe(
        'Text before the token, with one space between; none for no scheme. ' +
          'Default: Bearer for the credential in authorization, else none.',
      ),
    value: valueSchema,
    overwrite: overwriteSchema,
  })
  .describe('Puts the token in a header field.')

/** The `inject` part of a policy that puts the credential in a header field. */
export type HeaderConfig = z.infer<typeof schema>

/** Puts the credential in a header field, after a scheme or alone. */
export const header = {
  schema,
  create(config, scope) {
    const name = (config.name ?? 'authorization').toLowerCase()
    if (!isAllowed(name, scope)) return undefined
    const isUsual = name === 'authorization' && schemeOf(config, name) === 'Bearer'
    return isUsual && config.overwrite !== 'fail' ? USUAL : place(name, config)
  },
} satisfies PlacementKind<HeaderConfig>

function isAllowed(name: string, scope: Scope): boolean {
  const folded = fold(name)
  if (!decidesMessage(folded)) return true
  scope.report(['name'], {
    severity: 'error',
    rule: 'inject/forbidden-header',
    message: `expected another field than "${name}", by which the proxy or the framing of the message works`,
    hint: folded === 'cookie' ? 'use location: cookie' : 'use a field of its own, such as x-token',
  })
  return false
}

function schemeOf(config: HeaderConfig, name: string): string {
  const isBearer = name === 'authorization' && config.value === undefined
  const scheme = config.scheme ?? (isBearer ? 'Bearer' : 'none')
  return scheme === 'none' ? '' : scheme
}

function place(name: string, config: HeaderConfig): Placement {
  const scheme = schemeOf(config, name)
  const folded = fold(name)
  const prefix = scheme === '' ? '' : `${scheme} `
  // a token that is reused was looked through and joined before
  const written = new WeakMap<Secret, Secret>()
  function write(value: Secret): Secret {
    const text = new Secret(prefix + sendable(value).reveal())
    written.set(value, text)
    return text
  }
  return {
    needsBody: false,
    readsPayload: false,
    headerNames: [folded],
    place: `header:${folded.replaceAll('_', '-')}`,
    occupied: ({ attributes: { headers } }) =>
      config.overwrite === 'fail'
        ? Object.keys(headers).some((sent) => fold(sent) === folded)
        : headers[name] !== undefined,
    put: (value) => ({
      removeHeaders: [name],
      setHeaders: { [name]: written.get(value) ?? write(value) },
    }),
    clear: () => ({ removeHeaders: [name] }),
  }
}

/** Where most credentials go: one for thousands of policies. */
const USUAL = place('authorization', { location: 'header' })
