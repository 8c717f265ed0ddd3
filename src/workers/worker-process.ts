/** What a machine, or a container on it, has for all processes together. */
export interface Machine {
  /** Cores that may be used. */
  readonly cores: number
  /** Bytes of memory. */
  readonly memory: number
  /** Bytes of heap that V8 allows this process. */
  readonly heapLimit: number
  /** Flags that Node was started with, and those of `NODE_OPTIONS`. */
  readonly flags: string
  /** `UV_THREADPOOL_SIZE`. */
  readonly threads: string | undefined
}

/** How a worker process is started. */
export interface WorkerProcess {
  /** Flags of Node besides those of this process. */
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Part of the memory that all heaps together may take: there is more to a process than its heap. */
const HEAP_PART = 0.75
const MEBIBYTE = 1024 * 1024

/**
 * Divides the machine among workers: threads that sign, and memory where all heaps together would not fit. What was
 * said of either when this process was started holds for each worker.
 */
export function workerProcess(workers: number, machine: Machine): WorkerProcess {
  const { cores, memory, heapLimit, flags, threads } = machine
  const isSaid = /--max[-_](?:old[-_]space|heap)[-_]size/.test(flags)
  const heap = (memory * HEAP_PART) / workers
  // this many threads are what the process has by itself
  const isOwn = threads === undefined || threads === String(cores)
  return {
    flags:
      isSaid || heap >= heapLimit ? [] : [`--max-old-space-size=${Math.floor(heap / MEBIBYTE)}`],
    env: isOwn ? { UV_THREADPOOL_SIZE: String(Math.max(1, Math.floor(cores / workers))) } : {},
  }
}
