import { readFileSync } from 'node:fs'
import bcrypt from 'bcrypt'
import { expect, it } from 'vitest'
import { authenticatorKinds, REASONS } from '../../src/authenticate/index.ts'
import { loadConfiguration } from '../../src/config/index.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { clientsFile } from '../support/guarded-proxy.ts'
import { ecKeys, hmacSecret } from '../support/keys.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { plain, tableRows } from './rows.ts'
import { gateway, type JsonSchema, keysOf } from './schema-keys.ts'

const { authenticators } = gateway.properties ?? {}
const authenticator = authenticators?.additionalProperties as JsonSchema
const kinds = Object.keys(authenticatorKinds)

it('documents every reason, and no other', () => {
  const documented = tableRows('authentication.md', 'reason').map(([reason]) => plain(reason))
  expect(documented).toEqual(REASONS)
})

it('documents every kind of authenticator with all it says of a caller', () => {
  const [, ...columns] = tableRows('authentication.md', 'member').find(
    ([member]) => member === '`scheme`',
  ) as string[]
  expect(columns.map(plain).toSorted()).toEqual(kinds.toSorted())
})

it('documents every setting that each authenticator has, and no other', () => {
  const documented = tableRows('authentication.md', 'key of an authenticator').flatMap(([keys]) =>
    plain(keys).split(' '),
  )
  expect(documented.toSorted()).toEqual(Object.keys(authenticator.properties ?? {}).toSorted())
})

it.each(kinds)('documents every key of %s, and no other', (kind) => {
  const keys = keysOf(authenticator.properties?.[kind] as JsonSchema)
  const documented = tableRows('authentication.md', `key of \`${kind}\``).map(([key]) => plain(key))
  expect(documented.toSorted()).toEqual([...new Set(keys)].toSorted())
})

it('shows files that load without a warning', async () => {
  const page = readFileSync(new URL('../../docs/authentication.md', import.meta.url), 'utf8')
  const [, gatewayFile = ''] = /^```yaml\n(routes:[\s\S]*?)^```/m.exec(page) ?? []
  const [, policyFile = ''] = /^```yaml\n(name:[\s\S]*?)^```/m.exec(page) ?? []
  const folder = await tempFolder({
    'countersign.yaml': gatewayFile,
    'policies/orders.yaml': policyFile,
    'policies/keys/orders.pem': ecKeys().pkcs8,
    'keys/clients.yaml': clientsFile(hmacSecret()),
    'keys/htpasswd': `ann:${bcrypt.hashSync(hmacSecret(16), 4)}\n`,
  })
  const secret = hmacSecret()
  const { compiled, diagnostics } = await loadConfiguration(
    { config: `${folder.path}/countersign.yaml` },
    { ...systemEnvironment(), variable: (name) => (name === 'STAFF_SECRET' ? secret : undefined) },
  )
  expect(diagnostics).toEqual([])
  expect(compiled?.policies.map(({ name }) => name)).toEqual(['orders'])
})
