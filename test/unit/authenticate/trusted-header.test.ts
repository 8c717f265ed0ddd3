import { describe, expect, it } from 'vitest'
import { trustedHeader } from '../../../src/authenticate/trusted-header.ts'
import { createKeySets } from '../../../src/keys/index.ts'
import type { RequestHead } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { requestHead } from '../../support/request-context.ts'

async function create(from: readonly string[], more: object = {}) {
  const { scope, faults } = recordingScope()
  const options = {
    name: 'front',
    keySets: createKeySets({ environment: fixedEnvironment() }),
    readYaml: async () => undefined,
  }
  const config = trustedHeader.schema.parse({ name: 'X-User', from, ...more })
  const made = await trustedHeader.create(config, scope, options)
  const evidence = (head: Partial<RequestHead>) => ({ head: requestHead(head), peer: {} })
  return {
    faults,
    examine: (head: Partial<RequestHead>) => made?.examine(evidence(head)),
    isForged: (head: Partial<RequestHead>) => made?.isForged?.(evidence(head)),
  }
}

const headers = { 'x-user': 'ann' }

describe('a trusted header', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1:1'],
    ['10.0.0.1', '10.0.0.1:1'],
    ['10.0.0.0/8', '[::ffff:10.0.0.1]:1'],
    ['10.0.0.0/8', '[::FFFF:10.0.0.1]:1'],
    ['0.0.0.0/0', '192.0.2.1:1'],
    ['fd00::/8', '[fd12:3456::1]:1'],
    ['::1', '[::1]:1'],
    ['0:0:0:0:0:0:0:1', '[::1]:1'],
    ['fe80::/10', '[fe80::1%eth0]:1'],
    ['::/0', '[2001:db8::1]:1'],
    ['10.0.0.0/8', '[::ffff:a00:1]:1'],
    ['::ffff:10.0.0.0/104', '10.0.0.1:1'],
  ])('from %s is believed when %s sends it', async (range, remoteAddress) => {
    const { examine, isForged } = await create(['192.0.2.77', range])
    const caller = { scheme: 'trustedHeader', principal: 'ann' }
    expect(await examine({ remoteAddress, headers })).toEqual({ caller })
    expect(isForged({ remoteAddress, headers })).toBe(false)
  })

  it.each([
    ['10.0.0.0/8', '11.0.0.1:1'],
    ['10.0.0.0/8', '[::ffff:11.0.0.1]:1'],
    ['10.0.0.0/8', '[::a00:1]:1'],
    ['10.0.0.1', '10.0.0.10:1'],
    ['0.0.0.0/0', '[2001:db8::1]:1'],
    ['fd00::/8', '[fe00::1]:1'],
    ['10.0.0.0/8', ':0'],
    ['10.0.0.0/8', ''],
  ])(
    'T107 from %s is no credential when %s sends it, and is taken off',
    async (range, remoteAddress) => {
      const { examine, isForged } = await create([range])
      expect(await examine({ remoteAddress, headers })).toBeUndefined()
      expect(isForged({ remoteAddress, headers })).toBe(true)
    },
  )

  it.each<[string, RequestHead['headers'], string]>([
    ['nothing', { 'x-user': '' }, 'malformed'],
    ['a control character', { 'x-user': 'an\tn' }, 'malformed'],
    ['several lines', { 'x-user': ['ann', 'bob'] }, 'ambiguous'],
    ['another spelling beside it', { 'x-user': 'ann', x_user: 'bob' }, 'ambiguous'],
  ])('is refused with %s', async (_what, sent, reason) => {
    const { examine } = await create(['10.0.0.0/8'])
    const finding = await examine({ remoteAddress: '10.0.0.1:1', headers: sent })
    expect(finding).toEqual({ refused: { reason } })
  })

  it.each(['x_user', 'x.user', 'x--user', 'x-user_'])(
    'T003 is taken off as %s, though a trusted peer has let it through',
    async (name) => {
      const { examine, isForged } = await create(['10.0.0.0/8'])
      const head = { remoteAddress: '10.0.0.1:1', headers: { [name]: 'admin' } }
      expect(await examine(head)).toBeUndefined()
      expect(isForged(head)).toBe(true)
    },
  )

  it('may have a scheme', async () => {
    const { examine } = await create(['10.0.0.1'], { name: 'authorization', scheme: 'User' })
    const from = (authorization: string) =>
      examine({ remoteAddress: '10.0.0.1:1', headers: { authorization } })
    expect(await from('User ann')).toHaveProperty('caller.principal', 'ann')
    expect(await from('Bearer ann')).toBeUndefined()
  })
})

describe('the peers of a trusted header', () => {
  it.each([
    ['10.0.0.0/33'],
    ['10.0.0.0/'],
    ['10.0.0.0/-1'],
    ['10.0.0'],
    ['10.0.0.256'],
    ['fd00::/129'],
    ['fe80::1%eth0'],
    ['[::1]'],
    ['localhost'],
    ['*'],
    [''],
    [' 10.0.0.1'],
  ])('are refused as %j', (range) => {
    const { error } = trustedHeader.schema.safeParse({ name: 'x-user', from: ['10.0.0.1', range] })
    expect(error?.issues).toMatchObject([{ path: ['from', 1] }])
  })

  it.each([
    ['10.0.0.1/8', '10.0.0.0/8'],
    ['10.1.2.3/31', '10.1.2.2/31'],
    ['0.0.0.1/0', '0.0.0.0/0'],
    ['fd00::1/8', 'fd00::/8'],
    ['2001:db8:1:2:3:4:5:6/40', '2001:db8::/40'],
    ['::ffff:10.0.0.1/104', '::ffff:a00:0/104'],
  ])('are refused as %s, with the network that may be meant', (range, network) => {
    const { error } = trustedHeader.schema.safeParse({ name: 'x-user', from: [range] })
    expect(error?.issues).toMatchObject([
      { path: ['from', 0], params: { hint: `the network is ${network}` } },
    ])
  })

  it.each([['0.0.0.0/0'], ['::/0']])('are a warning when they are everybody: %s', async (range) => {
    const { faults } = await create(['10.0.0.1', range])
    expect(faults).toMatchObject([
      { severity: 'warning', rule: 'authenticator/trusts-everyone', path: ['from', 1] },
    ])
  })

  it.each(['Host', 'content_length', 'connection', 'cookie'])(
    'cannot send %s, by which the message is read',
    (name) => {
      const { error } = trustedHeader.schema.safeParse({ name, from: ['10.0.0.1'] })
      expect(error?.issues).toMatchObject([{ path: ['name'] }])
    },
  )

  it('are refused without any', () => {
    expect(trustedHeader.schema.safeParse({ name: 'x-user', from: [] }).success).toBe(false)
    expect(trustedHeader.schema.safeParse({ name: 'x-user' }).success).toBe(false)
  })
})
