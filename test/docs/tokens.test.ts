import { expect, it } from 'vitest'
import {
  CONTENT_ENCRYPTION_NAMES,
  KEY_MANAGEMENT_NAMES,
  keyManagement,
  secretLength,
} from '../../src/keys/encryption/encryption-algorithms.ts'
import { tableRows } from './rows.ts'

/** The names in the first cell of each row, one by one, with the other cells of the row. */
function named(first: string): (readonly [name: string, ...cells: string[]])[] {
  return tableRows('tokens.md', first).flatMap(([names = '', ...cells]) =>
    names
      .replaceAll('`', '')
      .split(' ')
      .map((name) => [name, ...cells] as const),
  )
}

const sorted = (names: readonly string[]) => names.toSorted()

it('documents every algorithm of key management with the key that it takes, and no other', () => {
  const documented = named('`alg`')
  expect(sorted(documented.map(([name]) => name))).toEqual(sorted(KEY_MANAGEMENT_NAMES))
  for (const alg of KEY_MANAGEMENT_NAMES) {
    const [, key, needed] = documented.find(([name]) => name === alg) ?? []
    const { key: kind, secretBytes } = keyManagement(alg)
    expect(key).toBe(kind === 'secret' ? '`secret`' : '`publicKey`')
    if (secretBytes !== undefined) expect(needed).toBe(`${secretBytes} bytes`)
  }
})

it('documents the length of a secret for every content encryption, and no other', () => {
  const documented = named('`enc`')
  const expected = CONTENT_ENCRYPTION_NAMES.map((enc) => [enc, `${secretLength('dir', enc)} bytes`])
  expect(documented.toSorted()).toEqual(expected.toSorted())
})
