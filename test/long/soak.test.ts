import { expect, it } from 'vitest'
import { figures, note } from '../support/measured.ts'
import { soak } from '../support/soak.ts'

const MEBIBYTE = 1024 * 1024

it('R28 loses no request and keeps no descriptor while files, keys and upstream change all the time', async () => {
  const { load, resident, descriptors, ...rest } = await soak({
    seconds: 70,
    rate: 300,
    reloadEvery: 2,
    rotateEvery: 6,
    restartEvery: 12,
    warmUp: 0,
  })
  const memory = Math.round(resident.last / MEBIBYTE)
  note({
    goal: 'R28',
    fault: 'reload every 2 s, rotation every 6 s, upstream restart every 12 s',
    measured: `${figures(load)}; ${memory} MiB, ${descriptors.before} descriptors before, ${descriptors.after} after`,
  })
  expect(load.reasons, `seed ${load.seed}`).toEqual({})
  expect(rest).toMatchObject({ refused: 0, rotations: 11, restarts: 5 })
  expect(rest.keys).toBeGreaterThan(8)
  expect(descriptors.after).toBeLessThanOrEqual(descriptors.before + 2)
  // a heap takes longer to find its size: how it grows is for the long run to judge
  expect(resident.last).toBeLessThan(512 * MEBIBYTE)
}, 100_000)
