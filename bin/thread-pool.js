import { availableParallelism } from 'node:os'

/** Two, as one name that resolves slowly takes a thread, and signatures must not wait for it. */
const LEAST = 2

/**
 * Gives libuv a thread for each core that this process may use, in place of four: signing with RSA is done there, and
 * more threads than cores only take them from each other. `UV_THREADPOOL_SIZE` of the operator stays. To be called
 * before anything is read in the background, as libuv asks once.
 */
export function sizeThreadPool() {
  process.env.UV_THREADPOOL_SIZE ||= String(Math.max(LEAST, availableParallelism()))
}
