import { globSync } from 'node:fs'
import type { TempFolder } from './temp-folder.ts'

/** The library that tells a process another time; undefined when it is not installed. */
export const libfaketime = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')[0]

/** The wall clock of a process, as far as the process can tell. */
export interface FakeClock {
  /** What starts a process under this clock. */
  readonly env: Readonly<Record<string, string>>
  /** Sets it: `+3600` seconds from ours, `+0 x2` twice as fast, `2026-01-01 00:00:00` frozen, `@2038-…` from then on. */
  set(time: string): Promise<void>
}

/** A clock that says `time`; the monotonic one stays true, and so do the times of files. */
export async function fakeClock(folder: TempFolder, time = '+0'): Promise<FakeClock> {
  const set = async (text: string) => void (await folder.write('clock', `${text}\n`))
  await set(time)
  return {
    env: {
      LD_PRELOAD: libfaketime ?? '',
      FAKETIME_TIMESTAMP_FILE: `${folder.path}/clock`,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    set,
  }
}
