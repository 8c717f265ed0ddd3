import { writeFileSync } from 'node:fs'
import type { Setting } from './setting.ts'

/** What wrk sends, again and again. */
export interface Load {
  /** With its `/` in front. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Lua that makes requests differ (wrk's SCRIPTING). It sees the headers. */
  readonly script?: string
  /** Default 64. */
  readonly connections?: number
}

/** What wrk tells of a run. */
export interface WrkReport {
  /** Answered requests. */
  readonly requests: number
  /** Requests a second. */
  readonly rps: number
  /** Milliseconds: the median. */
  readonly p50: number
  /** Milliseconds: 99 % were faster. */
  readonly p99: number
  /** Answers that were neither 2xx nor 3xx. */
  readonly refused: number
  /** Connections that could not be opened, broke, or gave no answer in time. */
  readonly broken: number
}

/** Runs wrk on the cores of the load. Throws when a request failed: then the figures mean nothing. */
export async function runWrk(
  setting: Setting,
  url: string,
  load: Load,
  seconds: number,
): Promise<WrkReport> {
  const report = await tryWrk(setting, url, load, seconds)
  const { refused, broken } = report
  if (refused + broken === 0) return report
  throw new Error(`of the requests to ${url}, ${refused} were refused and ${broken} broke off`)
}

/** Runs wrk, whatever becomes of its requests. */
export async function tryWrk(
  { children, cores, folder }: Setting,
  url: string,
  load: Load,
  seconds: number,
): Promise<WrkReport> {
  const { path, headers, script, connections = 64 } = load
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const command: [string, ...string[]] = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`]
  if (script !== undefined) {
    const file = `${folder}/load-${Buffer.from(path).toString('hex').slice(0, 40)}.lua`
    writeFileSync(file, script)
    command.push('-s', file)
  }
  command.push('--latency', '--timeout', '30s', ...fields, `${url}${path}`)
  return parseWrk(await children.start(command, { cores: cores.load }).finished())
}

/** Reads what `wrk --latency` prints. Throws when it is something else. */
export function parseWrk(text: string): WrkReport {
  const find = (pattern: RegExp) => {
    const [, value] = pattern.exec(text) ?? []
    if (value === undefined) throw new Error(`expected the report of wrk, got:\n${text}`)
    return value
  }
  const [, ...errors] =
    /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text) ?? []
  const [, refused = '0'] = /Non-2xx or 3xx responses: (\d+)/.exec(text) ?? []
  return {
    requests: Number(find(/(\d+) requests in /)),
    rps: Number(find(/Requests\/sec:\s+(\S+)/)),
    p50: milliseconds(find(/^\s+50%\s+(\S+)/m)),
    p99: milliseconds(find(/^\s+99%\s+(\S+)/m)),
    refused: Number(refused),
    broken: errors.reduce((sum, count) => sum + Number(count), 0),
  }
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 }

function milliseconds(text: string): number {
  const unit = text.replace(/^[\d.]+/, '')
  return Number.parseFloat(text) * (UNITS[unit] ?? Number.NaN)
}
