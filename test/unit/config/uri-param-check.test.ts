import { describe, expect, it } from 'vitest'
import type { RouteMatch } from '../../../src/config/bound-routes.ts'
import { loadPolicies } from '../../../src/config/load-policies.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const ROUTES: readonly RouteMatch[] = [
  { name: 'orders', criteria: { path: ['orders', { name: 'order-id' }] } },
  { name: 'users', criteria: { path: ['users', { name: 'user' }] } },
]

async function findings(match: object, read: string, routes: readonly RouteMatch[] | undefined) {
  const inject = { name: 'x-id', value: `#[${read}]` }
  const folder = await tempFolder({ 'p.yaml': JSON.stringify({ name: 'p', match, inject }) })
  const { diagnostics } = await loadPolicies(folder.path, systemEnvironment(), { routes })
  return diagnostics.map(({ severity, rule, hint }) => ({ severity, rule, hint }))
}

describe('a segment of the path that an expression reads', () => {
  it.each([
    ['of the policy', { path: '/{id}' }, 'attributes.uriParams.id', ROUTES],
    ['of its route', { route: 'users' }, 'attributes.uriParams.user', ROUTES],
    ['of some route', {}, 'attributes.uriParams.`order-id`', ROUTES],
    ['of a route that nobody has told', {}, 'attributes.uriParams.id', undefined],
    ['of a payload', {}, 'payload.attributes.uriParams.id', ROUTES],
    ['in text of an expression', {}, "'attributes.uriParams.id'", ROUTES],
  ])('%s is known', async (_what, match, read, routes) => {
    expect(await findings(match, read, routes)).toEqual([])
  })

  it.each([
    [
      'no pattern has',
      { path: '/{user}' },
      'attributes.uriParams.usr',
      'did you mean user? names: user, order-id',
    ],
    ['another route has', { route: 'users' }, 'attributes.uriParams.`order-id`', 'names: user'],
    [
      'a route has whose requests it never sees',
      { path: '/users' },
      'attributes.uriParams.`order-id`',
      'names: user',
    ],
    [
      'none can have',
      { path: '/health' },
      'attributes.uriParams.id',
      'write {id} for a segment in match.path',
    ],
  ])('that %s is worth a warning', async (_what, match, read, hint) => {
    expect(await findings(match, read, ROUTES)).toEqual([
      { severity: 'warning', rule: 'policy/unknown-uri-param', hint },
    ])
  })
})
