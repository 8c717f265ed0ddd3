import { parseArgs } from 'node:util'
import { kinds } from './kinds.ts'
import { startWatchdog } from './watchdog.ts'

// Tries many inputs of every kind; a seed that is printed makes the same inputs again.
//   npm run fuzz -- --runs 10000 --seed 7 --only heads

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    only: { type: 'string', multiple: true },
  },
})
const [runs, seed] = [Number(flags.runs), Number(flags.seed)]
const chosen = kinds.filter(({ name }) => flags.only?.includes(name) ?? true)
if (!(runs > 0) || !Number.isInteger(seed) || chosen.length === 0) {
  const names = kinds.map(({ name }) => name).join(', ')
  throw new Error(`expected --runs above 0, --seed as an integer, and --only with one of ${names}`)
}

console.log(`${runs} inputs of each kind, seed ${seed}`)
const watchdog = startWatchdog()
for (const kind of chosen) {
  const from = performance.now()
  try {
    const onInput = () => watchdog.begin(`--only ${kind.name} --seed ${seed} --runs ${runs}`)
    const { outcomes, slowest } = await kind.run({ runs, seed, onInput })
    const seconds = ((performance.now() - from) / 1000).toFixed(1)
    console.log(`ok     ${kind.name}  ${seconds} s, slowest ${slowest.toFixed(0)} ms`, outcomes)
  } catch (error) {
    process.exitCode = 1
    console.error(`FAILED ${kind.name}`, error)
  }
}
await watchdog.stop()
