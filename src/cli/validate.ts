import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Command, Option } from 'commander'
import {
  type Diagnostic,
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
  try {
    for (const path of paths) found.push(...(await inspect(path, environment)))
  } catch (error) {
    if (error instanceof UnreadableError) throw new Stop(2, error.message)
    throw error
  }
  if (format === 'json') console.log(JSON.stringify(sortDiagnostics(found).map(toJson), null, 2))
  else for (const line of diagnosticLines(found, process.stdout)) console.log(line)
  const errors = found.filter(({ severity }) => severity === 'error').length
  const others = found.length - errors
  console.error(
    `${count(errors, 'error')}, ${count(others, 'warning or notice', 'warnings and notices')}`,
  )
  if (errors > 0) process.exitCode = 1
}

async function inspect(path: string, environment: Environment): Promise<readonly Diagnostic[]> {
  const gatewayFile = basename(path) === GATEWAY_FILE ? path : join(path, GATEWAY_FILE)
  if (await isFile(gatewayFile)) {
    const { diagnostics } = await loadConfiguration({ config: gatewayFile }, environment)
    return diagnostics
  }
  return (await loadPolicies(path, environment)).diagnostics
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
