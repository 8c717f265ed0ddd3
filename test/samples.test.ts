import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../src/config/index.ts'
import { systemEnvironment } from '../src/environment.ts'
import { createIndex } from '../src/match/index.ts'
import { fixedEnvironment } from './support/clock.ts'
import { ecKeys } from './support/keys.ts'
import { requestContext, requestHead } from './support/request-context.ts'

const POLICIES = fileURLToPath(new URL('../policies', import.meta.url))
const environment = {
  ...fixedEnvironment({ variables: { COUNTERSIGN_DEMO_KEY: ecKeys().pkcs8 } }),
  readFile: systemEnvironment().readFile,
}

async function load() {
  return await loadConfiguration({ policies: POLICIES, upstream: 'http://127.0.0.1' }, environment)
}

describe('the sample policies', () => {
  it('load without an error or a warning', async () => {
    const { compiled, diagnostics } = await load()
    expect(diagnostics).toEqual([])
    expect(compiled?.policies.map(({ name }) => name)).toEqual(['hello', 'orders', 'search'])
  })

  it.each([
    ['GET', '/hello', {}, ['hello']],
    ['GET', '/orders', {}, ['hello']],
    ['GET', '/search', { q: 'tea' }, ['hello', 'search']],
    ['POST', '/orders', {}, ['hello', 'orders']],
  ])('sign %s %s %j with %j', async (method, requestPath, queryParams, names) => {
    const { compiled } = await load()
    const headers = { 'x-user': 'ann', 'x-limit': '250' }
    const head = requestHead({ method, requestPath, queryParams, headers })
    const payload = { order: { id: '0042', items: ['tea'] } }
    const body = Buffer.from(JSON.stringify(payload))
    const matching = createIndex(compiled?.policies ?? []).all(head)
    const results = matching.map(({ entry }) =>
      entry.evaluate(requestContext(head, { payload, body })),
    )
    const applied = (await Promise.all(results)).filter((result) => result.applied)
    expect(applied.map(({ policy }) => policy)).toEqual(names)
  })
})
