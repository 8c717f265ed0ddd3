/** Closes a connection that waits too long. */
export interface IdleTimer {
  /** Begins to wait, for at most so many milliseconds as the upstream says; false when that is no time at all. */
  start(limit: number): boolean
  stop(): void
}

/** Milliseconds by which a connection is given up before the upstream closes it. */
const MARGIN = 1000

/** Creates a timer that calls `expire` so many milliseconds after it was started last, or sooner when the upstream says so. */
export function createIdleTimer(milliseconds: number, expire: () => void): IdleTimer {
  let timer: NodeJS.Timeout | undefined
  let delay = 0
  return {
    start(limit) {
      const wanted = Math.min(milliseconds, limit - MARGIN)
      if (wanted <= 0) return false
      if (timer && wanted === delay) {
        // it goes on while the connection is used, as to stop it would cost more
        timer.refresh()
      } else {
        clearTimeout(timer)
        delay = wanted
        timer = setTimeout(expire, wanted).unref()
      }
      return true
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
