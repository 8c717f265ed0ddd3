import { describe, expect, it } from 'vitest'
import type { InboundCredential } from '../../../src/authenticate/authenticator.ts'
import { type NamedAuthenticator, unasked } from '../../../src/authenticate/named-authenticator.ts'
import { compileRemoval } from '../../../src/authenticate/removal.ts'
import { requestHead } from '../../support/request-context.ts'

const EVIDENCE = { head: requestHead(), peer: {} }

function named(credential: Partial<InboundCredential>, forwardCredential = false, name = 'a') {
  const authenticator = unasked({ headerNames: [], ...credential })
  return { name, kind: 'test', enabled: true, authenticator, forwardCredential }
}

const HEADER = { removal: { removeHeaders: ['x-a'] } }
const QUERY = { removal: { removeQuery: ['a'] } }
const FORGED = { removal: { removeCookies: ['a'] }, isForged: () => true }

describe('the removal of inbound credentials', () => {
  it.each<[string, NamedAuthenticator[], NamedAuthenticator[], object | undefined]>([
    ['nothing', [], [named(HEADER)], undefined],
    ['what stands in the connection', [named({ isOfConnection: true })], [], undefined],
    ['what the caller was recognised by', [named(HEADER, true)], [], undefined],
    [
      'what nobody examined, though it may be forwarded',
      [named(HEADER, true), named(QUERY, true, 'b')],
      [],
      { removeQuery: ['a'] },
    ],
    [
      'another one that looks at the same place',
      [named({ ...HEADER, place: 'x' }, true), named({ ...HEADER, place: 'x' }, false, 'b')],
      [],
      undefined,
    ],
    [
      'all of them',
      [named(HEADER), named(QUERY)],
      [],
      { removeHeaders: ['x-a'], removeQuery: ['a'] },
    ],
    ['a forged one that is forwarded', [named(FORGED, true)], [], { removeCookies: ['a'] }],
    ['a forged one that nobody asks for', [], [named(FORGED)], { removeCookies: ['a'] }],
    ['an honest one', [], [named({ ...FORGED, isForged: () => false })], undefined],
  ])('is decided for %s', (_what, authenticators, others, removal) => {
    const none = { removeHeaders: [], removeQuery: [], removeCookies: [] }
    const expected = removal && { ...none, ...removal }
    expect(compileRemoval(authenticators, others)(EVIDENCE, 'a')).toEqual(expected)
  })
})
