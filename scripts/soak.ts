import { parseArgs } from 'node:util'
import { soak } from '../test/support/soak.ts'

// Runs the proxy for minutes under load while its files, keys and upstream change, and prints what came of it; exit code 1
// when a request failed, or memory or descriptors grew.
//   npm run soak -- --minutes 10 --rate 300 --seed 1

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '300' },
    seed: { type: 'string' },
  },
})
const MEBIBYTE = 1024 * 1024
const minutes = Number(flags.minutes)

const { load, resident, descriptors, ...changes } = await soak({
  seconds: minutes * 60,
  rate: Number(flags.rate),
  reloadEvery: 10,
  rotateEvery: 60,
  restartEvery: 120,
  warmUp: Math.min(120, minutes * 20),
  progress: console.error,
  ...(flags.seed !== undefined && { seed: Number(flags.seed) }),
})

const failed = load.sent - load.ok
const growth = resident.perMinute / MEBIBYTE
const goals = [
  { goal: 'requests that failed', measured: failed, pass: failed === 0 },
  { goal: 'readings of the files refused', measured: changes.refused, pass: changes.refused === 0 },
  { goal: 'resident memory, MiB a minute', measured: round(growth), pass: growth < 1 },
  {
    goal: 'descriptors that are left over',
    measured: descriptors.after - descriptors.before,
    pass: descriptors.after <= descriptors.before + 2,
  },
]
console.log(
  `${minutes} min, ${load.sent} requests, seed ${load.seed}; ${changes.reloads} reloads, ${changes.rotations} rotations, ${changes.restarts} upstream restarts`,
)
console.log(
  `latency in ms: p50 ${load.p50}, p95 ${load.p95}, p99 ${load.p99}, worst ${load.worst}; generator late by ${load.lateness.p99} at p99`,
)
console.log(
  `resident ${round(resident.first / MEBIBYTE)} to ${round(resident.last / MEBIBYTE)} MiB, descriptors ${descriptors.before} before and ${descriptors.after} after`,
)
if (failed > 0) console.log(load.reasons)
console.table(goals)
if (goals.some(({ pass }) => !pass)) process.exitCode = 1

function round(value: number): number {
  return Math.round(value * 100) / 100
}
