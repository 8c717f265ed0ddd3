import { describe, expect, it } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { fakeClock, libfaketime } from '../support/faketime.ts'
import { figures, note } from '../support/measured.ts'
import { type LoadReport, runOpenLoop } from '../support/open-loop-process.ts'
import { type ProxyProcess, settled, startProxyProcess } from '../support/proxy-process.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'
import { tempFolder } from '../support/temp-folder.ts'

if (libfaketime === undefined)
  process.stderr.write('skipped: faults of the clock, as there is no libfaketime\n')

const SECOND = 1000
const DAY = 86_400 * SECOND
/** Seconds that `iat` may differ from the wall clock of the process. */
const TOLERATED = 60

/** Starts a proxy whose clock says `time`, in front of a sound upstream. */
async function start(time?: string) {
  const upstream = await startChildUpstream()
  const clock = await fakeClock(await tempFolder(), time)
  const proxy = await startProxyProcess({
    gateway: `routes: [{ name: all, upstream: "${upstream.url}" }]`,
    policies: SIGNED,
    env: { ...signedVariables(), ...clock.env },
  })
  return { proxy, clock }
}

/** A load while the clock of the process is `ahead` ms before ours. */
async function load(proxy: ProxyProcess, seconds: number, ahead: number, leeway = 1) {
  return await runOpenLoop({
    targets: [{ url: proxy.url }],
    rate: 100,
    seconds,
    verify: { jwks: proxy.jwks, clock: ahead, leeway },
  })
}

/** By how many seconds the `iat` of any token is off, for a clock that is `ahead` of ours. */
function offBy({ tokens }: LoadReport, ahead: number): number {
  return Math.max(
    ...tokens.map(({ claims: { iat }, first, last }) =>
      Math.max((first + ahead) / SECOND - Number(iat), Number(iat) - (last + ahead) / SECOND),
    ),
  )
}

function noted(fault: string, report: LoadReport, ahead: number): void {
  const off = Math.max(0, offBy(report, ahead)).toFixed(1)
  note({ goal: 'R21', fault, measured: `${figures(report)}; iat off by at most ${off} s` })
}

const jumps = (proxy: ProxyProcess) => () => proxy.metric('countersign_clock_jumps_total')

describe.skipIf(libfaketime === undefined)('R21 goes on with tokens of the time that it is', () => {
  it.each([
    ['an hour back', -3600 * SECOND],
    ['an hour ahead', 3600 * SECOND],
    ['400 days back', -400 * DAY],
  ])(
    'when the wall clock is set %s',
    async (change, ahead) => {
      const { proxy, clock } = await start()
      expect((await load(proxy, 3, 0)).reasons).toEqual({})
      await clock.set(`${ahead < 0 ? '' : '+'}${ahead / SECOND}`)
      expect(await settled(jumps(proxy), (count) => count === 1)).toBe(1)

      const after = await load(proxy, 4, ahead)
      noted(`wall clock set ${change}`, after, ahead)
      expect(after.reasons).toEqual({})
      expect(offBy(after, ahead)).toBeLessThan(TOLERATED)
    },
    60_000,
  )

  it('when the wall clock stands still', async () => {
    const { proxy, clock } = await start()
    expect((await load(proxy, 2, 0)).reasons).toEqual({})
    await clock.set(new Date().toISOString().slice(0, 19).replace('T', ' '))
    // as long as it stands the tokens grow older only for others
    const after = await load(proxy, 10, 0, 20)
    noted('wall clock stands still', after, 0)
    expect(after.reasons).toEqual({})
    expect(offBy(after, 0)).toBeLessThan(TOLERATED)
    expect(await settled(jumps(proxy), (count) => Number(count) > 0)).toBeGreaterThan(0)
  }, 60_000)

  it('when the wall clock runs at double speed', async () => {
    const started = Date.now()
    const { proxy } = await start('+0 x2')
    const report = await load(proxy, 10, 0, 30)
    const ahead = Date.now() - started
    noted('wall clock at double speed', report, ahead)
    expect(report.reasons).toEqual({})
    expect(offBy(report, ahead)).toBeLessThan(TOLERATED)
    expect(await settled(jumps(proxy), (count) => Number(count) > 0)).toBeGreaterThan(0)
  }, 60_000)

  it.each([
    ['32 bits of signed seconds end', '2038-01-19 03:14:00'],
    ['32 bits of unsigned seconds end', '2106-02-07 06:28:08'],
  ])(
    'when it starts just before %s',
    async (_case, time) => {
      const ahead = Date.parse(`${time.replace(' ', 'T')}Z`) - Date.now()
      const { proxy } = await start(`@${time}`)
      // from seven seconds before the end until some after it
      const report = await load(proxy, 10, ahead, 10)
      noted(`start at ${time}`, report, ahead)
      expect(report.reasons).toEqual({})
      expect(offBy(report, ahead)).toBeLessThan(TOLERATED)
    },
    60_000,
  )
})
