import { describe, expect, it } from 'vitest'
import { demoCommand } from '../../src/cli/demo.ts'
import { echoCommand } from '../../src/cli/echo.ts'
import { healthCommand } from '../../src/cli/health.ts'
import { importCommand } from '../../src/cli/import.ts'
import { keygenCommand } from '../../src/cli/keygen.ts'
import { schemaCommand } from '../../src/cli/schema.ts'
import { serveCommand } from '../../src/cli/serve.ts'
import { validateCommand } from '../../src/cli/validate.ts'
import { runCountersign } from '../support/process.ts'

const verbs = [
  ...[serveCommand(), demoCommand(), validateCommand(), schemaCommand()],
  ...[keygenCommand(), importCommand(), healthCommand(), echoCommand()],
]

describe('T064 the command line', () => {
  it.each(
    verbs.flatMap((verb) => [verb, ...verb.commands]).map((verb) => [verb.name(), verb] as const),
  )('takes no secret with %s, where every user of the machine could read it', (_name, verb) => {
    // how long a secret is to be that is made
    const isHarmless = (flag: string) => flag === '--secret-bytes'
    const flags = verb.options.map(({ long }) => long ?? '').filter((flag) => !isHarmless(flag))
    expect(flags.filter((flag) => /secret|pass|token|private|credential|pin\b/.test(flag))).toEqual(
      [],
    )
  })

  it.each(['http://user:CANARY@localhost:9000', 'http://CANARY@localhost:9000'])(
    'refuses the password in %s, and does not print it',
    async (upstream) => {
      const { code, stdout, stderr } = await runCountersign(['serve', '--upstream', upstream])
      expect(code).toBe(1)
      expect(stderr).toContain('without user name and password')
      expect(stdout + stderr).not.toContain('CANARY')
    },
  )
})
