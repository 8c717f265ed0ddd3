/** Numbers from 0 up to 1, the same for the same seed. */
export type RandomNumbers = () => number

/** A generator of 32 bits of state, mulberry32, good enough to choose requests. */
export function randomNumbers(seed: number): RandomNumbers {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Times in milliseconds from the start at which independent callers send `rate` requests a second (Poisson). */
export function* arrivals(rate: number, seconds: number, random: RandomNumbers): Generator<number> {
  let at = 0
  for (;;) {
    at += (-Math.log(1 - random()) / rate) * 1000
    if (at >= seconds * 1000) return
    yield at
  }
}
