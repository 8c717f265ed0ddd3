import { expect, it } from 'vitest'
import { credentialKinds } from '../../../src/credentials/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { sourceOptions } from '../../support/source-options.ts'

const SHORT = { signingMethod: 'HS256', privateKey: { env: 'SHORT' } }

async function inspected(block: object) {
  const environment = fixedEnvironment({ variables: { SHORT: 'c2hvcnQ' } })
  const { scope, faults } = recordingScope({ environment })
  await credentialKinds.jwt.inspect(block as Record<string, unknown>, scope, sourceOptions)
  return faults.map(({ rule, path }) => `${rule} ${path.join('.')}`)
}

it.each<[object, string[]]>([
  [{ ...SHORT, exp: 'soon' }, ['key/weak privateKey.env']],
  [
    { ...SHORT, exp: 'soon', iat: { offset: 'x' }, sub: '#[(]' },
    ['key/weak privateKey.env', 'expr/syntax sub'],
  ],
  [{ ...SHORT, keyType: 'Base64Secrt', sub: '#[(]' }, ['expr/syntax sub']],
  [{ ...SHORT, signingMethod: 'HS255', sub: '#[(]' }, ['expr/syntax sub']],
  [
    { exp: '#[(', customClaims: [{ name: '/a//b', value: '#[account.id]' }] },
    ['expr/syntax exp', 'claim/name customClaims.0.name'],
  ],
  [
    { sub: '#[key.kid]', customHeaders: [{ name: 'x', value: '#[accont.id]', nme: 1 }] },
    ['expr/unknown-root customHeaders.0.value'],
  ],
  [
    { account: 'erp', exp: [], customClaims: [{ name: 'exp', value: 1 }] },
    ['account/unknown account'],
  ],
  [{}, []],
])('finds in the block %j, which does not fit, %j', async (block, faults) => {
  expect((await inspected(block)).toSorted()).toEqual(faults.toSorted())
})
