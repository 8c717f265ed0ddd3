/** A stream that writes in the background, as `sonic-boom` does. */
export interface BackgroundStream {
  write(line: string): unknown
  /** Writes what waits before it returns. */
  flushSync(): void
  on(event: 'drop' | 'drain', listener: () => void): unknown
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
}

/** Lines on their way out, which hold nobody up: neither requests nor the end of the process. */
export interface Output {
  write(line: string): void
  /** How many lines were dropped, as nobody took them. */
  dropped(): number
}

/** Milliseconds that the end of the process waits for a reader to take what is left. */
const LAST_WAIT = 500
/** Milliseconds for which nothing is written after a write that failed, on a full disk for one. */
const PAUSE = 1000

/**
 * Guards a stream. `open` gets what says whether to go on trying when a reader takes nothing. `recovered` hears how
 * many lines were dropped once all that waited has been taken; `monotonic` gives milliseconds. A reader that is gone and a full disk end nothing.
 */
export function createOutput(
  open: (keepsTrying: () => boolean) => BackgroundStream,
  recovered: (lines: number) => void,
  monotonic: () => number,
): Output {
  let dropped = 0
  let untold = 0
  let triesAt = 0
  let endsAt = Number.POSITIVE_INFINITY
  const stream = open(() => monotonic() < endsAt)
  const flush = stream.flushSync.bind(stream)

  function drop(): void {
    dropped += 1
    untold += 1
  }
  stream.on('drop', drop)
  stream.on('drain', () => {
    const lines = untold
    untold = 0
    if (lines > 0) recovered(lines)
  })
  stream.on('error', ({ code }) => {
    triesAt = code === 'EPIPE' ? Number.POSITIVE_INFINITY : monotonic() + PAUSE
  })
  // called at the end of the process
  stream.flushSync = () => {
    endsAt = monotonic() + LAST_WAIT
    try {
      flush()
    } catch {
      // nobody is left to tell
    }
  }
  return {
    write: (line) => void (monotonic() < triesAt ? drop() : stream.write(line)),
    dropped: () => dropped,
  }
}
