import type { LoadTarget } from './options.ts'

/** Chooses the target of each request, as a balancer in front of several replicas does. */
export interface Balance {
  /** Undefined while no target is ready. */
  next(): URL | undefined
  close(): void
}

const EVERY = 100

/** Turns of the targets that are ready; resolves when each has been asked once. */
export async function createBalance(targets: readonly LoadTarget[]): Promise<Balance> {
  const states = targets.map(({ url, ready }) => ({ url: new URL(url), ready, isReady: !ready }))
  let turn = 0

  async function poll(): Promise<void> {
    await Promise.all(
      states.map(async (state) => {
        if (state.ready === undefined) return
        const answer = await fetch(state.ready, { signal: AbortSignal.timeout(EVERY) }).catch(
          () => undefined,
        )
        state.isReady = answer?.status === 200
        await answer?.body?.cancel()
      }),
    )
  }
  await poll()
  const timer = states.some(({ ready }) => ready)
    ? setInterval(() => void poll(), EVERY)
    : undefined

  return {
    next() {
      for (let tried = 0; tried < states.length; tried += 1) {
        const state = states[turn++ % states.length]
        if (state?.isReady) return state.url
      }
      return undefined
    },
    close: () => clearInterval(timer),
  }
}
