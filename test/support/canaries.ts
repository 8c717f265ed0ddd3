import { randomBytes } from 'node:crypto'
import type { TestKeyPair } from './keys.ts'
import { createLeakScan, type LeakScan } from './leak-scan.ts'

/** Secrets that are unlike any other text, and the scan that knows them all. */
export interface Canaries extends LeakScan {
  /** A new text that is hidden at once: `name-` and 64 characters of base64url, so good for an HMAC secret. */
  text(name: string): string
  /** Hides the private half of a pair, however it is written, and gives the pair. */
  pair<Pair extends TestKeyPair>(name: string, pair: Pair): Pair
}

/** None yet. */
export function createCanaries(): Canaries {
  const scan = createLeakScan()
  return {
    ...scan,
    text(name) {
      const secret = randomBytes(48).toString('base64url')
      scan.hide(name, secret)
      return `${name}-${secret}`
    },
    pair(name, pair) {
      const { d, p, q, dp, dq, qi } = pair.privateJwk
      for (const member of [d, p, q, dp, dq, qi]) {
        if (member !== undefined) scan.hide(name, Buffer.from(member, 'base64url'))
      }
      return pair
    },
  }
}
