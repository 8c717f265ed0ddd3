import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import {
  type Diagnostic,
  readDocuments,
  type SourceDocument,
  UnreadableError,
} from '../config/index.ts'
import { type Environment, systemEnvironment } from '../environment.ts'
import {
  checkFiles,
  type Imported,
  type ImportTarget,
  importFlex,
  importOutboundJwt,
  reportLines,
  summaryOf,
} from '../import/index.ts'
import { Secret } from '../secret.ts'
import { writeNewFiles } from './new-files.ts'
import { diagnosticLines } from './print-diagnostics.ts'
import { Stop } from './stop.ts'

interface ImportFlags {
  readonly out: string
  readonly keysTo?: string
  readonly strict?: true
}

/** Makes files of our own of what was read. */
type Translate<Flags> = (
  documents: readonly SourceDocument[],
  flags: Flags & ImportTarget,
  environment: Environment,
) => Imported

/** `countersign import`: the settings of another system as policy files. */
export function importCommand(): Command {
  return new Command('import')
    .description('Make policy files of the settings of another system.')
    .usage('<system> [flags] <file...>')
    .helpCommand(false)
    .addCommand(flexCommand())
    .addCommand(outboundJwtCommand())
}

function flexCommand(): Command {
  return fileCommand('flex', importFlex).description(
    'Flex or Omni Gateway files: a policy for each, and their listener and routes.',
  )
}

function outboundJwtCommand(): Command {
  const translate: Translate<{ readonly upstream?: string }> = (documents, flags, environment) =>
    importOutboundJwt(documents, { ...flags, now: environment.now() })
  return fileCommand('outbound-jwt', translate)
    .description('Outbound JWT rules: a policy for each, and their accounts.')
    .addOption(
      new Option('--upstream <url>', 'where the requests go')
        .env('COUNTERSIGN_IMPORT_UPSTREAM')
        .argParser(urlFlag),
    )
}

function fileCommand<Flags>(name: string, translate: Translate<Flags>): Command {
  return new Command(name)
    .argument('<file...>', 'YAML or JSON')
    .addOption(
      new Option('--out <folder>', 'where the new files go')
        .env('COUNTERSIGN_IMPORT_OUT')
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--keys-to <folder>', 'where keys go (default: keys in --out)').env(
        'COUNTERSIGN_IMPORT_KEYS_TO',
      ),
    )
    .addOption(
      new Option('--strict', 'what comes with a notice needs a person').env(
        'COUNTERSIGN_IMPORT_STRICT',
      ),
    )
    .action((files: readonly string[], flags: ImportFlags & Flags) =>
      importFiles(files, flags, translate),
    )
}

async function importFiles<Flags>(
  files: readonly string[],
  flags: ImportFlags & Flags,
  translate: Translate<Flags>,
): Promise<void> {
  const environment = systemEnvironment()
  const documents = await readAll(files, environment)
  const out = resolve(flags.out)
  const keysTo = flags.keysTo === undefined ? join(out, 'keys') : resolve(flags.keysTo)
  const target = { ...flags, out, keysTo }
  const { files: drafts } = translate(documents, target, environment)
  const findings = await checkFiles(drafts, target, environment)
  const { items, files: made } = translate(documents, { ...target, findings }, environment)
  await writeNewFiles(
    made.map(({ path, text }) =>
      text instanceof Secret
        ? { path, text: text.reveal(), mode: 0o600 }
        : { path, text, mode: 0o644 },
    ),
  )
  // a gateway file names it, also when no policy could be written
  if (made.length > 0) await mkdir(join(out, 'policies'), { recursive: true, mode: 0o700 })
  for (const line of reportLines(items)) console.log(line)
  for (const { path } of made) console.error(`wrote ${path}`)
  console.error(summaryOf(items))
  if (items.some(({ state }) => state === 'person')) process.exitCode = 1
}

async function readAll(
  files: readonly string[],
  environment: Environment,
): Promise<readonly SourceDocument[]> {
  const diagnostics: Diagnostic[] = []
  try {
    const documents: SourceDocument[] = []
    // without `variable`: what becomes another file keeps its references
    for (const file of files) {
      documents.push(...(await readDocuments(file, environment, diagnostics)))
    }
    const errors = diagnostics.filter(({ severity }) => severity === 'error')
    if (errors.length === 0) return documents
    throw new Stop(2, diagnosticLines(errors, process.stderr).join('\n'))
  } catch (error) {
    if (error instanceof UnreadableError) throw new Stop(2, error.message)
    throw error
  }
}

function urlFlag(text: string): string {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw new InvalidArgumentError('expected an http(s) URL')
  }
  return text
}
