import { describe, expect, it } from 'vitest'
import type { Admitted, Peer } from '../../../src/admission.ts'
import { type AdmissionOptions, createAdmission } from '../../../src/authenticate/admission.ts'
import { anonymous } from '../../../src/authenticate/anonymous.ts'
import type { Authenticator, Finding } from '../../../src/authenticate/authenticator.ts'
import type { NamedAuthenticator } from '../../../src/authenticate/named-authenticator.ts'
import { CountersignError } from '../../../src/errors.ts'
import { requestContext } from '../../support/request-context.ts'

const CALLER: Finding = { caller: { scheme: 'test', principal: 'ann' } }
const EXPIRED: Finding = { refused: { reason: 'expired' } }
const FOREIGN: Finding = { refused: { reason: 'issuer', foreign: true } }

/** An authenticator `name` that finds this, whose credential is the header field `x-<name>`. */
function named(
  name: string,
  finding: Finding | Error | Promise<Finding>,
  {
    authenticator,
    ...rest
  }: Partial<Omit<NamedAuthenticator, 'authenticator'>> & {
    readonly authenticator?: Partial<Authenticator>
  } = {},
): NamedAuthenticator {
  return {
    name,
    kind: 'test',
    enabled: true,
    forwardCredential: false,
    ...rest,
    authenticator: {
      headerNames: [`x_${name}`],
      removal: { removeHeaders: [`x-${name}`] },
      challenge: (refused) => (refused ? `${name} refused` : name),
      examine() {
        if (finding instanceof Error) throw finding
        return finding
      },
      ...authenticator,
    },
  }
}

const ANONYMOUS: NamedAuthenticator = {
  name: 'anonymous',
  kind: 'anonymous',
  enabled: true,
  forwardCredential: false,
  authenticator: await create(),
}

async function create(): Promise<Authenticator> {
  const made = await anonymous.create({}, {} as never, {} as never)
  if (!made) throw new Error('expected an authenticator')
  return made
}

async function admit(options: Partial<AdmissionOptions>, peer: Peer = {}): Promise<Admitted> {
  const admission = createAdmission({ others: [], ...options })
  return admission.admit(requestContext(), peer)
}

async function refusal(options: Partial<AdmissionOptions>, peer?: Peer) {
  const error = await admit(options, peer).catch((reason: unknown) => reason)
  if (!(error instanceof CountersignError)) throw new Error('expected a refusal')
  const { code, place, challenges } = error
  return { code, place, challenges }
}

describe('admission', () => {
  it('takes the first authenticator that finds its credential', async () => {
    const bob: Finding = { caller: { scheme: 'test', principal: 'bob' } }
    const authenticators = [named('a', undefined), named('b', CALLER), named('c', bob)]
    expect(await admit({ authenticators })).toMatchObject({
      authentication: { principal: 'ann' },
      authenticator: 'b',
    })
  })

  it('waits for an authenticator that takes time', async () => {
    const authenticators = [
      named('a', Promise.resolve(undefined)),
      named('b', Promise.resolve(CALLER)),
    ]
    expect(await admit({ authenticators })).toMatchObject({ authenticator: 'b' })
  })

  it('asks nobody after a refusal', async () => {
    const authenticators = [named('a', EXPIRED), named('b', CALLER), ANONYMOUS]
    expect(await refusal({ authenticators })).toEqual({
      code: 'auth/invalid',
      place: { authenticator: 'a', reason: 'expired' },
      challenges: ['a refused', 'b'],
    })
  })

  it('says which field a credential does not have', async () => {
    const authenticators = [
      named('a', { refused: { reason: 'missing-field', field: 'loginname' } }),
    ]
    expect((await refusal({ authenticators })).place).toEqual({
      authenticator: 'a',
      reason: 'missing-field',
      field: 'loginname',
    })
  })

  it('lets the next one look at a credential that is foreign to the first', async () => {
    const authenticators = [named('a', FOREIGN), named('b', FOREIGN), named('c', CALLER)]
    expect(await admit({ authenticators })).toMatchObject({ authenticator: 'c' })
  })

  it('asks only those of its kind about a foreign credential', async () => {
    const other = { kind: 'other' }
    const authenticators = [named('a', FOREIGN), named('b', CALLER, other), named('c', undefined)]
    expect(await refusal({ authenticators })).toEqual({
      code: 'auth/invalid',
      place: { authenticator: 'a', reason: 'issuer' },
      challenges: ['a refused', 'b', 'c'],
    })
    const known = [named('a', FOREIGN), named('b', EXPIRED, other), named('c', CALLER)]
    expect(await admit({ authenticators: known })).toMatchObject({ authenticator: 'c' })
  })

  it('tells why the one refuses whose credential it is', async () => {
    const missing: Finding = { refused: { reason: 'missing-field', field: 'mail' } }
    const authenticators = [
      named('a', FOREIGN),
      named('b', FOREIGN),
      named('c', missing),
      named('d', CALLER),
    ]
    expect(await refusal({ authenticators })).toEqual({
      code: 'auth/invalid',
      place: { authenticator: 'c', reason: 'missing-field', field: 'mail' },
      challenges: ['a', 'b', 'c refused', 'd'],
    })
  })

  it.each([
    ['nobody else knows it', [named('b', undefined)], ['a refused', 'b']],
    ['anonymous comes next', [ANONYMOUS], ['a refused']],
    ['it is foreign to the next one, too', [named('b', FOREIGN)], ['a refused', 'b']],
  ])('refuses a foreign credential when %s', async (_when, next, challenges) => {
    const authenticators = [named('a', FOREIGN), ...next]
    expect(await refusal({ authenticators })).toEqual({
      code: 'auth/invalid',
      place: { authenticator: 'a', reason: 'issuer' },
      challenges,
    })
  })

  it('lets in who sent nothing when anonymous is last', async () => {
    const authenticators = [named('a', undefined), ANONYMOUS]
    expect(await admit({ authenticators })).toEqual({
      authentication: { scheme: 'anonymous' },
      authenticator: 'anonymous',
      patch: { removeHeaders: ['x-a'], removeQuery: [], removeCookies: [] },
    })
  })

  it('refuses who sent nothing otherwise, with every challenge once', async () => {
    const twin = named('b', undefined, { authenticator: { challenge: () => 'a' } })
    const silent = named('c', undefined, { authenticator: { challenge: () => '' } })
    const authenticators = [named('a', undefined), twin, silent]
    expect(await refusal({ authenticators })).toEqual({
      code: 'auth/invalid',
      place: { reason: 'missing' },
      challenges: ['a'],
    })
  })

  it('does not ask one that is disabled, and takes its credential off', async () => {
    const off = named('a', CALLER, { enabled: false })
    expect(await refusal({ authenticators: [off, named('b', undefined)] })).toMatchObject({
      place: { reason: 'missing' },
      challenges: ['b'],
    })
    expect(await admit({ authenticators: [off, named('b', CALLER)] })).toMatchObject({
      authenticator: 'b',
      patch: { removeHeaders: ['x-a', 'x-b'] },
    })
  })

  it('refuses everybody when there is nobody to ask', async () => {
    expect((await refusal({ authenticators: [] })).place).toEqual({ reason: 'missing' })
  })

  it('lets nobody in by a disabled anonymous', async () => {
    const authenticators = [{ ...ANONYMOUS, enabled: false }]
    expect((await refusal({ authenticators })).place).toEqual({ reason: 'missing' })
  })

  it('names the authenticator that failed', async () => {
    const failure = new CountersignError('key/unavailable', 'expected a key set')
    const authenticators = [named('a', failure), ANONYMOUS]
    expect(await refusal({ authenticators })).toEqual({
      code: 'key/unavailable',
      place: { authenticator: 'a' },
      challenges: [],
    })
  })

  it('reads the header fields of its authenticators and of allow', () => {
    const { headerNames } = createAdmission({
      authenticators: [named('a', CALLER)],
      others: [named('b', CALLER)],
      allow: async () => true,
      allowReads: ['x_env', '*'],
    })
    expect([...headerNames]).toEqual(['x_a', 'x_env', '*'])
  })
})

describe('admission that asks nobody', () => {
  const ann = { principal: 'ann' }

  it.each([
    [{}, {}],
    [{ authentication: ann }, ann],
  ])('answers at once with whom the application knows: %j', (peer, authentication) => {
    const { admit } = createAdmission({
      others: [named('a', CALLER)],
    })
    expect(admit(requestContext(), peer)).toEqual({ authentication })
  })

  it('does not take the word of the application where it asks', async () => {
    const authenticators = [named('a', undefined)]
    expect((await refusal({ authenticators }, { authentication: ann })).code).toBe('auth/invalid')
  })

  it.each([{}, { authentication: ann }])(
    'refuses whom allow refuses, with no way to ask again: %j',
    async (peer) => {
      const options = { allow: async () => false }
      expect(await refusal(options, peer)).toEqual({
        code: 'auth/forbidden',
        place: { reason: 'not-allowed' },
        challenges: [],
      })
    },
  )
})

describe('inbound credentials', () => {
  const forged = { isForged: () => true }
  const honest = { isForged: () => false }

  it('T013 are taken off, those of every listed authenticator, unless they are to be forwarded', async () => {
    const authenticators = [
      named('a', undefined, { authenticator: { removal: { removeQuery: ['a'] } } }),
      named('b', CALLER, { forwardCredential: true }),
      named('c', undefined, { authenticator: { removal: { removeCookies: ['c'] } } }),
      named('d', undefined),
    ]
    expect((await admit({ authenticators, others: [named('e', CALLER)] })).patch).toEqual({
      removeHeaders: ['x-d'],
      removeQuery: ['a'],
      removeCookies: ['c'],
    })
  })

  it('are no change when all of them are forwarded', async () => {
    const authenticators = [named('a', CALLER, { forwardCredential: true })]
    expect(await admit({ authenticators })).not.toHaveProperty('patch')
  })

  it.each([
    [
      'listed and forwarded',
      { authenticators: [named('a', CALLER, { forwardCredential: true, authenticator: forged })] },
    ],
    [
      'not listed',
      {
        authenticators: [named('b', CALLER, { forwardCredential: true })],
        others: [named('a', CALLER, { authenticator: forged })],
      },
    ],
    [
      'not listed and forwarded',
      {
        others: [named('a', CALLER, { forwardCredential: true, authenticator: forged })],
      },
    ],
    ['disabled', { others: [named('a', CALLER, { enabled: false, authenticator: forged })] }],
  ])('T107 are taken off when they are forged, also of one that is %s', async (_how, options) => {
    expect((await admit(options)).patch).toMatchObject({ removeHeaders: ['x-a'] })
  })

  it('T107 are taken off beside those that are asked for', async () => {
    const others = [named('b', CALLER, { authenticator: forged })]
    expect((await admit({ authenticators: [named('a', CALLER)], others })).patch).toMatchObject({
      removeHeaders: ['x-a', 'x-b'],
    })
  })

  it('stay where nobody looks at them, when they are not forged', async () => {
    const others = [named('a', CALLER, { authenticator: honest })]
    expect(await admit({ others })).not.toHaveProperty('patch')
  })

  it('are one change for all requests that forged nothing', async () => {
    const others = [named('b', CALLER, { authenticator: honest })]
    const { admit } = createAdmission({ authenticators: [named('a', CALLER)], others })
    const [first, second] = [await admit(requestContext(), {}), await admit(requestContext(), {})]
    expect(first.patch).toBeDefined()
    expect(second.patch).toBe(first.patch)
  })
})

describe('allow', () => {
  it('sees who calls, and no token', async () => {
    const seen: unknown[] = []
    const allow: AdmissionOptions['allow'] = async ({ authentication, tokens }) =>
      seen.push({ authentication, tokens }) > 0
    expect(await admit({ authenticators: [named('a', CALLER)], allow })).toMatchObject({
      authenticator: 'a',
    })
    expect(seen).toEqual([{ authentication: { scheme: 'test', principal: 'ann' }, tokens: {} }])
  })

  it('refuses a caller that was recognised', async () => {
    const options = { authenticators: [named('a', CALLER)], allow: async () => false }
    expect(await refusal(options)).toEqual({
      code: 'auth/forbidden',
      place: { reason: 'not-allowed', authenticator: 'a' },
      challenges: [],
    })
  })

  it('asks an anonymous caller for a credential', async () => {
    const authenticators = [named('a', undefined), ANONYMOUS]
    expect(await refusal({ authenticators, allow: async () => false })).toEqual({
      code: 'auth/invalid',
      place: { reason: 'not-allowed', authenticator: 'anonymous' },
      challenges: ['a'],
    })
  })

  it('refuses an anonymous caller that no credential helps', async () => {
    const off = named('a', undefined, { enabled: false })
    const options = { authenticators: [off, ANONYMOUS], allow: async () => false }
    expect((await refusal(options)).code).toBe('auth/forbidden')
  })

  it('names who recognised the caller when it fails', async () => {
    const allow = () => Promise.reject(new CountersignError('expr/failed', 'expected a boolean'))
    expect(await refusal({ authenticators: [named('a', CALLER)], allow })).toMatchObject({
      code: 'expr/failed',
      place: { authenticator: 'a' },
    })
  })

  it('is not asked about a caller that is refused', async () => {
    const allow = () => Promise.reject(new Error('expected no call'))
    expect((await refusal({ authenticators: [named('a', EXPIRED)], allow })).code).toBe(
      'auth/invalid',
    )
  })
})
