import { expect, it } from 'vitest'
import { BACKOFF } from '../../src/cache/backoff.ts'
import { BOUNDS, cacheShape } from '../../src/cache/cache-settings.ts'
import { JITTER } from '../../src/cache/jitter.ts'
import { AHEAD, MARGIN } from '../../src/cache/lifetime.ts'
import { TOLERATED_STEP } from '../../src/environment.ts'
import { plain, tableRows } from './rows.ts'

const percent = (share: number) => `${share * 100} %`
const seconds = (milliseconds: number) => `${milliseconds / 1000} s`

it('documents the defaults of caches as they are', () => {
  expect(Object.fromEntries(tableRows('caching.md', 'what'))).toEqual({
    'tokens in one cache': BOUNDS.maxEntries.toLocaleString('en'),
    'bytes in one cache': `${BOUNDS.maxBytes / 1024 / 1024} MiB`,
    'what a token has left when it is sent for the last time': `${percent(MARGIN.share)} of its life, at most ${seconds(MARGIN.most)}`,
    'how long before its end a token is renewed': `${percent(AHEAD.share)} of its time in the cache, at most ${seconds(AHEAD.most)}`,
    'spread of renewals and of pauses': `up to ${percent(JITTER)} more`,
    'pause after a failed renewal': `${seconds(BACKOFF.first)}, doubled for each in a row up to ${seconds(BACKOFF.most)}`,
    'how far two clocks may differ before a token is dropped': seconds(TOLERATED_STEP),
  })
})

it('documents every setting of a cache, and no other', () => {
  const documented = tableRows('caching.md', 'key of `cache`').map(([key]) => plain(key))
  expect(documented.toSorted()).toEqual([...Object.keys(cacheShape), 'name'].toSorted())
})

it('says in the schema what it says in the page', () => {
  expect(cacheShape.maxEntries.description).toContain(BOUNDS.maxEntries.toLocaleString('en'))
  expect(cacheShape.maxBytes.description).toContain(`${BOUNDS.maxBytes / 1024 / 1024} MiB`)
  expect(cacheShape.refreshAhead.description).toContain(
    `${percent(AHEAD.share)} of its time, at most ${AHEAD.most / 1000}`,
  )
})
