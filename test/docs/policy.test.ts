import { expect, it } from 'vitest'
import { plain, tableRows } from './rows.ts'
import { gateway, isKeySource, type JsonSchema, keysOf, policy } from './schema-keys.ts'

/** What stands below these keys of the gateway file has a page of its own. */
const ELSEWHERE = /^authenticators\.NAME\./

/** Objects that have keys of others, and whose those are: documented there. */
const SHARED = [
  ['accounts.NAME.', 'jwt.'],
  ['caches.NAME.', 'cache.'],
  ['routes[].match.', 'match.'],
] as const

function documentedAs(key: string, known: ReadonlySet<string>): string {
  const shared = SHARED.map(([here, there]) => key.startsWith(here) && key.replace(here, there))
  return shared.find((other) => other && known.has(other)) || key
}

it('documents every key of the policy file and the gateway file, and no other', () => {
  // an object or a list of them is documented once
  const known = new Set(keysOf(policy).map((key) => key.replace(/^inject\[\]/, 'inject')))
  const shared = keysOf(gateway).filter((key) => !ELSEWHERE.test(key))
  const keys = new Set([...known, ...shared.map((key) => documentedAs(key, known))])
  const rows = ['policy.md', 'gateway-file.md'].flatMap((page) => tableRows(page, 'key'))
  const documented = rows.map(([key]) => plain(key))
  expect(documented.toSorted()).toEqual([...keys].toSorted())
})

it.each<[string, JsonSchema]>([
  ['jwt.encrypt.publicKey', policy],
  ['jwt.encrypt.secret', policy],
  ['jwt.certificate', policy],
  ['accounts.NAME.privateKey', gateway],
  ['accounts.NAME.keys[].privateKey', gateway],
])('takes at %s a key in forms that are documented', (path, schema) => {
  const found = path.split(/\.|(?=\[\])/).reduce<JsonSchema | undefined>((at, step) => {
    if (step === '[]') return at?.items
    return step === 'NAME' ? (at?.additionalProperties as JsonSchema) : at?.properties?.[step]
  }, schema)
  expect(found && isKeySource(found)).toBe(true)
})
