import { describe, expect, it } from 'vitest'
import { apiKey } from '../../../src/credentials/api-key.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { requestContext } from '../../support/request-context.ts'
import { tempFolder } from '../../support/temp-folder.ts'

type Config = Parameters<typeof apiKey.create>[0]
const AROUND = { accounts: undefined, onRenewalFailure: () => undefined }

async function compiled(config: Config) {
  const { path: folder } = await tempFolder({ 'crm.key': 'k-file\n' })
  const { scope, faults } = recordingScope({ folder, variables: { CRM_KEY: 'k-env' } })
  const source = await apiKey.create(config, scope, AROUND)
  const credential = await source?.issue(requestContext())
  return {
    text: credential?.value.reveal(),
    faults: faults.map(({ rule, path }) => [rule, ...path]),
  }
}

describe('an API key', () => {
  it.each([
    [{ env: 'CRM_KEY' }, 'k-env', []],
    [{ file: 'crm.key' }, 'k-file', []],
    [{ value: 'k-text' }, 'k-text', [['key/inline', 'value']]],
    [{ env: 'NOT_SET' }, undefined, [['key/missing', 'env']]],
    [{ file: 'none.key' }, undefined, [['key/missing', 'file']]],
  ])('of %j is sent as %s', async (config, text, faults) => {
    expect(await compiled(config)).toEqual({ text, faults })
  })
})
