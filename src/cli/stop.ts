/** Ends a verb with a message on standard error and an exit code. */
export class Stop extends Error {
  /** 1: the answer is negative. 2: the question could not be asked. */
  readonly exitCode: 1 | 2

  constructor(exitCode: 1 | 2, message: string) {
    super(message)
    this.name = 'Stop'
    this.exitCode = exitCode
  }
}

/** Refuses to start: exit code 1, and a sentence for whoever restarts what has ended. */
export function startRefused(why: string): Stop {
  return new Stop(1, `${why}\nnot started: a restart will not help until this is put right`)
}
