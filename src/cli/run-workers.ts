import { ConfigurationError, type LoadOptions, UnreadableError } from '../config/index.ts'
import type { Environment } from '../environment.ts'
import type { Log } from '../log.ts'
import {
  type RunningWorkers,
  runWorker,
  StartFault,
  startWorkers,
  type Unopened,
} from '../workers/index.ts'
import { listen } from './listen.ts'
import { chooseAddresses, type ListenerFlags } from './listeners.ts'
import { printWarnings, refusedStart } from './refused-start.ts'
import { settleHeap } from './settle-heap.ts'
import { Stop, startRefused } from './stop.ts'
import { version } from './version.ts'

/** What several processes run together. */
export interface WorkersOptions extends LoadOptions, ListenerFlags {
  readonly workers: number
  readonly watch: boolean
  readonly environment: Environment
  readonly log: Log
}

/** Starts the workers, and supervises them in this process. Throws `Stop` when they cannot start. */
export async function runWorkers(options: WorkersOptions): Promise<RunningWorkers> {
  const { workers, watch, environment, log } = options
  try {
    return await startWorkers({
      ...{ workers, watch, environment, listen },
      observe: log,
      droppedLines: log.dropped,
      version: version(),
      addresses: (written) => chooseAddresses(options, written),
      onOpened: printWarnings,
    })
  } catch (error) {
    throw stopOf(error)
  }
}

/** Does what the process that started this one as a worker asks. */
export function beWorker({ workers, environment, log, ...flags }: WorkersOptions): void {
  // the primary decides what becomes of a signal; a terminal sends it to all
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {})
  const { config, policies, upstream, listen: address } = flags
  runWorker({
    ...{ workers, environment, listen },
    files: { config, policies, upstream, listen: address },
    observe: log,
    droppedLines: log.dropped,
    version: version(),
    address: (written) => chooseAddresses(flags, written).listen,
    onServing: settleHeap,
  })
}

function stopOf(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED') {
    return startRefused('workers are processes: expected --allow-child-process beside --permission')
  }
  if (!(error instanceof StartFault)) return error
  const { unopened, message } = error
  return unopened ? refusedStart(errorOf(unopened)) : new Stop(1, message)
}

function errorOf(unopened: Unopened): Error {
  if ('path' in unopened) return new UnreadableError(unopened.path, unopened.code)
  return new ConfigurationError(unopened.diagnostics)
}
