import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { generateKey } from '../src/keys/index.ts'
import { benchMatching } from './matching.ts'

// Measures matching, then contenders alternately in one run and prints ratios: these hold on a noisy machine, single
// figures do not. Each contender, the load and the upstream are processes of their own.
//   npm run bench -- --rounds 5 --seconds 3 --connections 64

interface Contender {
  readonly name: string
  readonly pid: number
  readonly url: string
}

interface Sample {
  readonly requestsPerSecond: number
  /** CPU time of the contender's process, in microseconds a request. */
  readonly cpuMicros: number
}

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
  },
})

benchMatching(3 * Number(flags.rounds))

const children: ChildProcess[] = []
const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'))

try {
  const plain = await contender('plain node:http server', ['bench/plain-server.ts'])
  const proxy = await contender('countersign, cached token', [
    'bin/countersign.js',
    ...['serve', '--policies', policyFile(), '--upstream', plain.url],
    ...['--listen', '127.0.0.1:0', '--management', 'off', '--log-level', 'silent'],
  ])
  const samples = new Map<Contender, Sample[]>([
    [plain, []],
    [proxy, []],
  ])
  for (const contestant of samples.keys()) await measure(contestant, 1)
  for (let round = 0; round < Number(flags.rounds); round += 1) {
    for (const [contestant, taken] of samples) {
      taken.push(await measure(contestant, Number(flags.seconds)))
    }
  }
  report(samples, plain)
} finally {
  for (const child of children) child.kill()
  rmSync(folder, { recursive: true })
}

function policyFile(): string {
  const path = join(folder, 'bench.yaml')
  writeFileSync(
    path,
    [
      'name: bench',
      'jwt:',
      '  signingMethod: ES256',
      '  privateKey: { env: BENCH_KEY }',
      '  exp: 300',
      '  iss: bench',
      '  sub: "#[attributes.headers.`x-user`]"',
      '  aud: https://upstream.example',
    ].join('\n'),
  )
  return path
}

/** Starts a process and waits until it says its URL. */
async function contender(name: string, args: readonly string[]): Promise<Contender> {
  const child = spawn(process.execPath, [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, BENCH_KEY: generateKey('ES256').reveal() },
  })
  children.push(child)
  const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream })
  child.stdout?.resume()
  for await (const line of lines) {
    const [url] = /http:\/\/\S+/.exec(line) ?? []
    if (url && child.pid) return { name, pid: child.pid, url }
  }
  throw new Error(`${name} did not start`)
}

async function measure({ pid, url }: Contender, seconds: number): Promise<Sample> {
  const before = cpuMicros(pid)
  const load = spawn(process.execPath, ['bench/load.ts', url, String(seconds), flags.connections], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(load)
  let text = ''
  load.stdout.on('data', (chunk) => {
    text += chunk
  })
  await once(load, 'close')
  const { requests, elapsed } = JSON.parse(text) as { requests: number; elapsed: number }
  return {
    requestsPerSecond: requests / elapsed,
    cpuMicros: (cpuMicros(pid) - before) / requests,
  }
}

/** User and system time of a process so far; /proc counts in hundredths of a second. */
function cpuMicros(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

function report(samples: ReadonlyMap<Contender, readonly Sample[]>, base: Contender): void {
  const baseline = samples.get(base) ?? []
  const rows = [...samples].map(([{ name }, taken]) => ({
    contender: name,
    'req/s': Math.round(median(taken.map(({ requestsPerSecond }) => requestsPerSecond))),
    'CPU µs/req': round(median(taken.map(({ cpuMicros: micros }) => micros))),
    'CPU, ratio to plain': round(
      median(
        taken.map(({ cpuMicros: micros }, at) => micros / (baseline[at]?.cpuMicros ?? micros)),
      ),
    ),
  }))
  console.log(
    `${flags.rounds} rounds of ${flags.seconds} s, ${flags.connections} connections, medians`,
  )
  console.table(rows)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
