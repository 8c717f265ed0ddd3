import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { barChart } from './chart.ts'
import { createChildren } from './children.ts'
import { compareRuns, parseRun } from './compare.ts'
import { shareCores } from './cores.ts'
import { mergeTable, replaceBlock } from './document.ts'
import type { Finding } from './finding.ts'
import { type Flags, parseFlags } from './flags.ts'
import { makeKeys } from './keys.ts'
import { describeRun } from './machine.ts'
import { findMissing, installLine } from './missing.ts'
import { buildPackage } from './package-copy.ts'
import { type Row, rowsOf } from './sample.ts'
import type { Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'
import type { Setting } from './setting.ts'
import { findingsTable, samplesTable } from './table.ts'
import { startUpstream } from './upstream.ts'

// Measures countersign against others that do the same: docs/performance.md says how, and how to read it.
//   npm run bench -- --only cached,es256 --rounds 5 --seconds 5 --json run.json
//   npm run bench -- --write
//   npm run bench -- --compare earlier.json later.json

const DOCUMENT = `${import.meta.dirname}/../docs/performance.md`
const CHART = `${import.meta.dirname}/../docs/performance.svg`

/** What was measured so far. */
interface Results {
  readonly rows: Row[]
  readonly findings: Finding[]
}

// where Debian has nginx and HAProxy; not everybody's path goes there
process.env.PATH += ':/usr/sbin'
const flags = readFlags()
if (!flags) process.exitCode = 2
else if (flags.compare) {
  const [earlier, later] = flags.compare.map((file) => parseRun(readFileSync(file, 'utf8')))
  console.log(compareRuns(earlier ?? [], later ?? []))
} else {
  await runBench(flags)
}

function readFlags(): Flags | undefined {
  try {
    return parseFlags(process.argv.slice(2))
  } catch (error) {
    console.error((error as Error).message)
    return undefined
  }
}

async function runBench({ rounds, seconds, ...asked }: Flags): Promise<void> {
  const missing = findMissing()
  const absent = [...missing.required, ...missing.optional]
  if (absent.length > 0) console.error(`missing here: ${installLine(absent)}`)
  if (missing.required.length > 0) {
    process.exitCode = 1
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'))
  const children = createChildren()
  const cleanUp = async () => {
    await children.stopAll()
    rmSync(folder, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void cleanUp().finally(() => process.exit(130)))
  }
  const cores = shareCores()
  const results: Results = { rows: [], findings: [] }
  try {
    mkdirSync(`${folder}/keys`)
    const setting: Setting = {
      package: asked.package ?? buildPackage(`${folder}/package`),
      folder,
      cores,
      children,
      keys: makeKeys(`${folder}/keys`),
      upstream: await startUpstream(folder, children, cores.load),
      missing: new Set(missing.optional),
      rounds,
      seconds,
    }
    const about = describeRun(cores, rounds, seconds)
    console.log(about)
    if (asked.write && isWhole(asked.scenarios)) {
      edit((text) => replaceBlock(text, 'machine', about))
    }
    for (const scenario of asked.scenarios) await runScenario(scenario, setting, results, asked)
  } finally {
    await cleanUp()
  }
  report(results, asked)
}

/** A scenario that cannot be measured leaves the others theirs. */
async function runScenario(
  { name, about, run }: Scenario,
  setting: Setting,
  { rows, findings }: Results,
  { write }: Pick<Flags, 'write'>,
): Promise<void> {
  console.log(`\n${name}: ${about}\n`)
  try {
    const outcome = await run(setting)
    rows.push(...rowsOf(name, outcome.samples))
    findings.push(...outcome.findings)
    const tables = [
      ...(outcome.samples.size > 0 ? [samplesTable(outcome.samples)] : []),
      ...(outcome.findings.length > 0 ? [findingsTable(outcome.findings)] : []),
    ].join('\n\n')
    console.log(tables)
    if (write) edit((text) => replaceBlock(text, name, `${about}\n\n${tables}`))
  } catch (error) {
    console.error(`${name} was not measured:`, error)
    process.exitCode = 1
  } finally {
    await setting.children.stopAll(setting.upstream.pid)
  }
}

function report(
  { rows, findings }: Results,
  { json, write, scenarios }: Pick<Flags, 'json' | 'write' | 'scenarios'>,
): void {
  if (findings.length > 0) {
    const table = findingsTable(findings)
    console.log(`\n${table}`)
    if (write) edit((text) => mergeTable(text, 'targets', table))
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`)
  if (write && isWhole(scenarios)) writeFileSync(CHART, barChart(rows))
}

function isWhole(scenarios: readonly Scenario[]): boolean {
  return scenarios.length === SCENARIOS.length
}

function edit(change: (text: string) => string): void {
  writeFileSync(DOCUMENT, change(readFileSync(DOCUMENT, 'utf8')))
}
