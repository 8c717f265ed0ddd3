import { tmpdir } from 'node:os'
import { type Environment, systemEnvironment } from '../../src/environment.ts'
import type { Fault, Path, Scope } from '../../src/kind.ts'

/** A fault and the path that it was reported at. */
export interface RecordedFault extends Fault {
  readonly path: Path
}

/** A scope that keeps every fault reported to it or below it. */
export interface RecordingScope {
  readonly scope: Scope
  readonly faults: RecordedFault[]
}

/** What a test fixes; all of it may be left out. */
export interface RecordingOptions {
  readonly folder?: string
  readonly variables?: Readonly<Record<string, string>>
  readonly environment?: Environment
  /** An earlier reading serves. Default false. */
  readonly serving?: boolean
}

/** A scope over the real file system, with only these environment variables. */
export function recordingScope(options: RecordingOptions = {}): RecordingScope {
  const { folder = tmpdir(), variables = {}, serving = false } = options
  const environment = options.environment ?? {
    ...systemEnvironment(),
    variable: (name: string) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
  }
  const faults: RecordedFault[] = []
  const at = (...path: Path): Scope => ({
    environment,
    serving,
    folder,
    report: (below, fault) => faults.push({ ...fault, path: [...path, ...below] }),
    locate: (below) => ['policy.yaml', ...path, ...below].join(':'),
    at: (...below) => at(...path, ...below),
  })
  return { scope: at(), faults }
}
