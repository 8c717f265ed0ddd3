import { readFileSync } from 'node:fs'
import { type CpuProfile, heaviestFrames } from './heaviest.ts'
import { markdownTable } from './table.ts'

// Prints the ten functions that a profile spent most time in, as docs/performance.md shows them:
//   node bench/profile.ts FILE.cpuprofile
const [file = ''] = process.argv.slice(2)
const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
const rows = heaviestFrames(profile, 10).map(({ name, share }) => [share.toFixed(1), `\`${name}\``])
console.log(markdownTable(['%', 'function'], rows))
