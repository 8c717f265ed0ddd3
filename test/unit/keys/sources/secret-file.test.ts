import { expect, it } from 'vitest'
import { type Environment, systemEnvironment } from '../../../../src/environment.ts'
import { readSecretFile } from '../../../../src/keys/sources/secret-file.ts'
import { recordingScope } from '../../../support/recording-scope.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

it.each([
  [64 * 1024, []],
  [64 * 1024 + 1, ['key/unreadable']],
])('a secret file of %i bytes is read up to 64 KiB and no further', async (size, rules) => {
  const folder = await tempFolder({ secret: 'x'.repeat(size) })
  const system = systemEnvironment()
  const limits: (number | undefined)[] = []
  const environment: Environment = {
    ...system,
    readFile(path, limit) {
      limits.push(limit)
      return system.readFile(path, limit)
    },
  }
  const { scope, faults } = recordingScope({ folder: folder.path, environment })
  const found = await readSecretFile('secret', scope, 'key')
  expect(found?.text.reveal().length).toBe(rules.length === 0 ? size : undefined)
  expect(faults.map(({ rule }) => rule)).toEqual(rules)
  expect(limits).toEqual([64 * 1024])
})
