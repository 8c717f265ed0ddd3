import { existsSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { GATEWAY_FILE } from '../defaults.ts'
import { systemEnvironment } from '../environment.ts'
import { Stop } from './stop.ts'
import { version } from './version.ts'

/** A file a verb, loaded when it is meant: a health check must not cost what a proxy costs. */
const VERBS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand(),
  demo: async () => (await import('./demo.ts')).demoCommand(),
  validate: async () => (await import('./validate.ts')).validateCommand(),
  schema: async () => (await import('./schema.ts')).schemaCommand(),
  keygen: async () => (await import('./keygen.ts')).keygenCommand(),
  import: async () => (await import('./import.ts')).importCommand(),
  health: async () => (await import('./health.ts')).healthCommand(),
  reload: async () => (await import('./reload.ts')).reloadCommand(),
  echo: async () => (await import('./echo.ts')).echoCommand(),
}

/** Runs the command line; sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  ignoreFailedOutput()
  const program = new Command('countersign')
    .description('Signs a short-lived credential for every outbound request, as policy files say.')
    .usage('<verb> [flags]')
    .version(version())
    .helpCommand(false)
    .addHelpText('after', HELP_END)
    .exitOverride()
  const serveIsMeant = argv.length === 2 && existsSync(GATEWAY_FILE)
  const words = serveIsMeant ? [...argv, 'serve'] : argv
  const verb = words[2] ?? ''
  const known = Object.hasOwn(VERBS, verb)
  for (const [name, load] of Object.entries(VERBS)) {
    if (!known || name === verb) program.addCommand(prepared(await load()))
  }
  try {
    await program.parseAsync(words)
  } catch (error) {
    process.exitCode = exitCode(error)
  }
}

/**
 * A variable that is set to nothing, as compose files leave it, says nothing; nor does one that is off, of a flag
 * without a value.
 */
function prepared(command: Command): Command {
  const { variable } = systemEnvironment()
  for (const option of command.options) {
    if (option.envVar === undefined) continue
    const value = variable(option.envVar)
    const isOff = option.isBoolean() && (value === 'off' || value === 'false')
    if (value === '' || isOff) delete option.envVar
  }
  for (const below of command.commands) prepared(below)
  return command.exitOverride()
}

const HELP_END = `
Every flag has an environment twin: a flag wins over it, it wins over a file.
Exit codes: 0 success; 1 negative answer (errors found, start refused, not
ready); 2 usage, or a file that cannot be read.`

/** 1 for a negative answer, 2 when the question could not be asked; commander has said its part already. */
function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Stop) {
    console.error(error.message)
    return error.exitCode
  }
  throw error
}

/** A reader that goes away (`| head`) and a full disk must not end a proxy that serves. */
function ignoreFailedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}
