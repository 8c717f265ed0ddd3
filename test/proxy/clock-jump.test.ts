import { expect, it } from 'vitest'
import { systemEnvironment } from '../../src/environment.ts'
import { jumpUnderLoad } from '../support/clock-jumps.ts'
import { ecKeys } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'

it('serves no expired token and goes on serving when its clock is set by an hour', async () => {
  const { statuses, rejections } = await jumpUnderLoad({
    rate: 200,
    between: 80,
    async start(policies, upstream) {
      let offset = 0
      const environment = { ...systemEnvironment(), now: () => Date.now() + offset }
      const variables = { KEY: ecKeys().pkcs8 }
      const { url } = await startProxy({ policies, upstream, environment, variables })
      return {
        url,
        async setClock(next) {
          offset = next
        },
      }
    },
  })
  expect(rejections).toEqual([])
  expect(Object.keys(statuses)).toEqual(['200'])
})
