import type { Worker } from 'node:cluster'
import type { Port } from './calls.ts'

/** The channel to the primary, for a worker. */
export function primaryPort(): Port {
  return {
    send: (message) => void process.send?.(message, undefined, undefined, ignore),
    onMessage(listener) {
      process.on('message', listener)
      process.send?.(LISTENS, undefined, undefined, ignore)
    },
    onEnd: (listener) => void process.once('disconnect', listener),
  }
}

/** The channel to a worker, for the primary. */
export function workerPort({ process: child }: Worker): Port {
  // what comes before a worker has loaded its code is lost
  const listens = new Promise((resolve) => child.once('message', resolve))
  return {
    send: (message) =>
      void listens.then(() => child.send(message as object, undefined, undefined, ignore)),
    onMessage: (listener) => void child.on('message', listener),
    onEnd: (listener) => void endOf(child).then(listener),
  }
}

/** Settles when a worker is gone, with its exit code or the name of the signal, or cannot be started, with why. */
export function endOf(child: Worker['process']): Promise<number | string> {
  return new Promise((resolve) => {
    // one that runs tells its end itself
    child.on('error', ({ code = 'error' }: NodeJS.ErrnoException) => child.pid ?? resolve(code))
    child.once('exit', (code, signal) => resolve(signal ?? code ?? 'unknown'))
  })
}

/** Says that messages are received from now on; it is an answer to nothing. */
const LISTENS = {}

/** Whoever waits for an answer learns of the end. */
function ignore(): void {}
