import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { checkedLookup, type Resolve } from '../../src/checked-lookup.ts'

const resolvesTo =
  (...addresses: string[]): Resolve =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

/** What a connection is given for `name`. */
function found(resolve: Resolve, options = {}) {
  const lookup = checkedLookup((address) => address !== '169.254.169.254', resolve)
  return promisify(lookup)('name', options)
}

it('gives the addresses that it has checked', async () => {
  expect(await found(resolvesTo('192.0.2.1', '2001:db8::1'), { all: true })).toEqual([
    { address: '192.0.2.1', family: 4 },
    { address: '2001:db8::1', family: 6 },
  ])
  expect(await found(resolvesTo('192.0.2.1'))).toBe('192.0.2.1')
})

it.each([[['169.254.169.254']], [['192.0.2.1', '169.254.169.254']]])(
  'T032 gives none when one is not allowed: %j',
  async (addresses) => {
    const code = 'EADDRNOTALLOWED'
    await expect(found(resolvesTo(...addresses), { all: true })).rejects.toMatchObject({ code })
    await expect(found(resolvesTo(...addresses))).rejects.toMatchObject({ code })
  },
)

it('fails as the resolver does, and for a name without an address', async () => {
  const error = Object.assign(new Error(), { code: 'EAI_AGAIN' })
  await expect(found((_name, _options, done) => done(error, []))).rejects.toBe(error)
  await expect(found(resolvesTo())).rejects.toMatchObject({ code: 'ENOTFOUND' })
})
