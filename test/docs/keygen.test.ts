import { expect, it } from 'vitest'
import { keygenCommand } from '../../src/cli/keygen.ts'
import { plain, tableRows } from './rows.ts'

it('documents every flag of keygen with its variable, and no other', () => {
  const documented = tableRows('keys.md', 'flag').map(([flag, variable]) => {
    return [plain(flag).split(' ')[0], plain(variable)]
  })
  const { options } = keygenCommand()
  expect(documented).toEqual(options.map(({ long, envVar }) => [long, envVar]))
})
