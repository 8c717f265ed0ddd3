import { CountersignError } from '../errors.ts'
import { errorOf, type Fault, faultOf } from './fault.ts'

/** One end of a channel between two of our processes. */
export interface Port {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** Told when nothing can come any more. */
  onEnd(listener: () => void): void
}

type Argument<Method> = Method extends (argument: infer A) => unknown ? A : undefined
type Result<Method> = Method extends (argument: never) => infer R ? Awaited<R> : never

/** Asks the process at the other end, which has these methods. */
export type Call<Theirs> = <Name extends string & keyof Theirs>(
  name: Name,
  argument: Argument<Theirs[Name]>,
) => Promise<Result<Theirs[Name]>>

/**
 * Answers what the other end of `port` asks with `ours`, and gives what asks it. Arguments and results are JSON. A call
 * rejects with the `CountersignError` that its method rejected with; when that was none, or the channel has ended,
 * with `internal`.
 */
export function createCalls<Theirs>(port: Port, ours: object): Call<Theirs> {
  const methods = new Map(Object.entries(ours) as [string, (argument: unknown) => unknown][])
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let calls = 0
  let hasEnded = false

  async function answer({ id, name, argument }: CallMessage): Promise<void> {
    try {
      const result = await methods.get(name)?.(argument)
      port.send({ id, result } satisfies AnswerMessage)
    } catch (error) {
      port.send({ id, fault: faultOf(error) } satisfies AnswerMessage)
    }
  }
  port.onMessage((message) => {
    // of one that has ended, what it sent last may come behind the news
    if (hasEnded) return
    if (isCall(message)) {
      void answer(message)
      return
    }
    const { id, result, fault } = message as AnswerMessage
    const call = waiting.get(id)
    waiting.delete(id)
    if (fault) call?.reject(errorOf(fault))
    else call?.resolve(result)
  })
  port.onEnd(() => {
    hasEnded = true
    for (const call of waiting.values()) call.reject(ended())
    waiting.clear()
  })
  return (name, argument) => {
    if (hasEnded) return Promise.reject(ended())
    const id = calls++
    const call = Promise.withResolvers<unknown>()
    waiting.set(id, call)
    port.send({ id, name, argument } satisfies CallMessage)
    return call.promise as ReturnType<Call<Theirs>>
  }
}

interface CallMessage {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

interface AnswerMessage {
  readonly id: number
  readonly result?: unknown
  readonly fault?: Fault
}

function isCall(message: unknown): message is CallMessage {
  return (message as Partial<CallMessage>).name !== undefined
}

function ended(): CountersignError {
  return new CountersignError('internal', 'expected the other process to answer')
}
