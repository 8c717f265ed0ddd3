import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(pbkdf2)

/**
 * Keeps every thread of libuv's pool, of four unless `UV_THREADPOOL_SIZE` says otherwise, busy for some hundred
 * milliseconds: an RSA signature that is asked for meanwhile waits.
 */
export async function busyThreadPool(): Promise<void> {
  const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4)
  const jobs = Array.from({ length: threads }, () => derive('a', 'b', 400_000, 32, 'sha512'))
  await Promise.all(jobs)
}
