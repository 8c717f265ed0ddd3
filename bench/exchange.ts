import { once } from 'node:events'
import { type Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'

/** A request to send once. */
export interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Default: a connection of its own. */
  readonly agent?: Agent
}

/** Sends a request; resolves with the text of its answer, or throws when that is not 200 or 204. */
export async function exchange(url: string, sent: Sent = {}): Promise<string> {
  const { method = 'GET', headers = {}, body, agent = false } = sent
  const outgoing = request(url, { method, headers, agent, timeout: 60_000 })
  outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer from ${url}`)))
  outgoing.end(body)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  const answered = await text(answer)
  if (answer.statusCode === 200 || answer.statusCode === 204) return answered
  throw new Error(`expected 200 from ${url}, got ${answer.statusCode}: ${answered.slice(0, 500)}`)
}

/** Resolves with the first answer, asking again every few milliseconds for 10 s. */
export async function firstAnswer(url: string, sent?: Sent): Promise<string> {
  const end = performance.now() + 10_000
  for (;;) {
    try {
      return await exchange(url, sent)
    } catch (error) {
      if (performance.now() > end) throw error
      await wait(5)
    }
  }
}
