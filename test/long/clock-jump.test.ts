import { globSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { jumpUnderLoad } from '../support/clock-jumps.ts'
import { ecKeys } from '../support/keys.ts'
import { startCountersign } from '../support/process.ts'
import { tempFolder } from '../support/temp-folder.ts'

const [libfaketime] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')
if (libfaketime === undefined)
  process.stderr.write('skipped: clock jumps, as there is no libfaketime\n')

describe.skipIf(libfaketime === undefined)('a process whose clock is set by an hour', () => {
  it('serves no expired token and goes on serving', async () => {
    const { statuses, rejections } = await jumpUnderLoad({
      rate: 100,
      between: 500,
      async start(policies, upstream) {
        const folder = await tempFolder({ 'policies/jumps.yaml': policies, clock: '+0\n' })
        const proxy = startCountersign(
          ['serve', '--policies', `${folder.path}/policies`, '--upstream', upstream],
          {
            env: {
              KEY: ecKeys().pkcs8,
              COUNTERSIGN_LISTEN: '127.0.0.1:0',
              COUNTERSIGN_MANAGEMENT: 'off',
              LD_PRELOAD: libfaketime ?? '',
              FAKETIME_TIMESTAMP_FILE: `${folder.path}/clock`,
              FAKETIME_NO_CACHE: '1',
              FAKETIME_DONT_FAKE_MONOTONIC: '1',
              NO_FAKE_STAT: '1',
            },
          },
        )
        const [, url = ''] = await proxy.waitFor(/proxy\s+(http:\S+)/)
        return {
          url,
          async setClock(offset) {
            await folder.write('clock', `${offset < 0 ? '' : '+'}${offset / 1000}\n`)
          },
        }
      },
    })
    expect(rejections).toEqual([])
    expect(Object.keys(statuses)).toEqual(['200'])
  })
})
