import { Agent, get } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'

/** What was sent. */
export interface Load {
  /** Requests a second. */
  readonly rate: number
  readonly count: number
  /** Ends the load before. */
  readonly signal?: AbortSignal
  /** The request with this number, from 0. Default: the URL itself. */
  readonly request?: (index: number) => LoadRequest
}

/** One request of a load. */
export interface LoadRequest {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

/** How many requests ended with each status; a request without an answer counts as `failed`. */
export type Statuses = Readonly<Record<string, number>>

/** An open loop: sends requests at their time, whether or not earlier ones have been answered. */
export async function openLoop(url: string, load: Load): Promise<Statuses> {
  const { rate, count, signal, request } = load
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const start = performance.now()
  const sent: Promise<string>[] = []
  while (sent.length < count && !signal?.aborted) {
    const due = Math.min(((performance.now() - start) / 1000) * rate, count)
    while (sent.length < due) sent.push(statusOf(url, agent, request?.(sent.length)))
    await wait(1)
  }
  const statuses = countEach(await Promise.all(sent))
  agent.destroy()
  return statuses
}

/** Sends `count` requests at once, each over a connection of its own. */
export async function allAtOnce(url: string, count: number): Promise<Statuses> {
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })
  return countEach(await Promise.all(Array.from({ length: count }, () => statusOf(url, agent))))
}

function statusOf(
  url: string,
  agent: Agent,
  { path, headers = {} }: LoadRequest = { path: '/' },
): Promise<string> {
  return new Promise((resolve) => {
    get(new URL(path, url), { agent, headers }, (response) => {
      response.resume().once('end', () => resolve(String(response.statusCode)))
    }).once('error', () => resolve('failed'))
  })
}

/** How often each text occurs. */
export function countEach(texts: Iterable<string>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1
  return counts
}
