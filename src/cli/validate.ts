import { Command, Option } from 'commander'
import {
  type Diagnostic,
  isGateway,
  loadConfiguration,
  loadPolicies,
  sortDiagnostics,
  toJson,
  UnreadableError,
} from '../config/index.ts'
import { GATEWAY_FILE } from '../defaults.ts'
import { type Environment, systemEnvironment } from '../environment.ts'
import { diagnosticLines } from './print-diagnostics.ts'
import { Stop } from './stop.ts'

/** `countersign validate`: everything that loading would find, keys included; nothing is served. */
export function validateCommand(): Command {
  return new Command('validate')
    .description('Check policy files or a gateway file.')
    .argument('<path...>', `file or folder; ${GATEWAY_FILE} and its policies count as one`)
    .addOption(
      new Option('--format <format>', 'how findings are printed')
        .choices(['text', 'json'])
        .default('text')
        .env('COUNTERSIGN_FORMAT'),
    )
    .action(validate)
}

async function validate(
  paths: readonly string[],
  { format }: { readonly format: 'text' | 'json' },
): Promise<void> {
  const environment = systemEnvironment()
  const found: Diagnostic[] = []
  let disabled = 0
  try {
    for (const path of paths) {
      const inspected = await inspect(path, environment)
      found.push(...inspected.diagnostics)
      disabled += inspected.disabled
    }
  } catch (error) {
    if (error instanceof UnreadableError) throw new Stop(2, error.message)
    throw error
  }
  if (format === 'json') console.log(JSON.stringify(sortDiagnostics(found).map(toJson), null, 2))
  else for (const line of diagnosticLines(found, process.stdout)) console.log(line)
  const errors = found.filter(({ severity }) => severity === 'error').length
  const others = found.length - errors
  const counts = [
    count(errors, 'error'),
    count(others, 'warning or notice', 'warnings and notices'),
    ...(disabled > 0 ? [count(disabled, 'disabled policy', 'disabled policies')] : []),
  ]
  console.error(counts.join(', '))
  if (errors > 0) process.exitCode = 1
}

interface Inspected {
  readonly diagnostics: readonly Diagnostic[]
  /** How many policies are switched off. */
  readonly disabled: number
}

async function inspect(path: string, environment: Environment): Promise<Inspected> {
  if (await isGateway(path, environment)) {
    const { diagnostics, compiled } = await loadConfiguration({ config: path }, environment)
    return { diagnostics, disabled: compiled?.disabled.length ?? 0 }
  }
  const { diagnostics, disabled } = await loadPolicies(path, environment)
  return { diagnostics, disabled: disabled.length }
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
