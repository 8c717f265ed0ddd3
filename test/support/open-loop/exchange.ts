import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { LoadKind } from './options.ts'
import type { FailureKind } from './report.ts'

/** How one request ended. */
export interface Ending {
  /** Absent: with an expected status and its whole body. */
  readonly kind?: FailureKind
  readonly detail?: string
  /** The body of an answer that was expected. */
  readonly body?: string
}

/** Sends requests over kept connections, or one over its own. */
export interface Sender {
  send(target: URL, kind: LoadKind, index: number, isFresh: boolean): Promise<Ending>
  close(): void
}

/** A sender that keeps `keepAlive` idle connections and gives each request `deadline` milliseconds. */
export function createSender(keepAlive: number, deadline: number): Sender {
  // in turn, so that all of the kept connections are in use
  const kept = new Agent({ keepAlive: true, maxFreeSockets: keepAlive, scheduling: 'fifo' })
  const fresh = new Agent({ keepAlive: false })

  return {
    send(target, kind, index, isFresh) {
      const { method = 'GET', path = '/', headers = {}, bytes, statuses = [200] } = kind
      const numbered = Object.entries(headers).map(([name, value]) => [name, fill(value, index)])
      const sent = request(new URL(fill(path, index), target), {
        method,
        agent: isFresh ? fresh : kept,
        headers: {
          ...(bytes !== undefined && {
            'content-type': 'application/octet-stream',
            'content-length': bytes,
          }),
          ...Object.fromEntries(numbered),
        },
      })
      const ended = endingOf(sent, statuses, deadline)
      sent.end(bytes === undefined ? undefined : bodyOf(bytes, headers['content-type']))
      return ended
    },
    close() {
      kept.destroy()
      fresh.destroy()
    },
  }
}

function endingOf(
  sent: ClientRequest,
  statuses: readonly number[],
  deadline: number,
): Promise<Ending> {
  const { promise, resolve } = Promise.withResolvers<Ending>()
  let answer: IncomingMessage | undefined
  let body = ''
  const timer = setTimeout(() => {
    resolve({ kind: 'timeout' })
    sent.destroy()
  }, deadline)
  sent.on('error', ({ code, syscall }: NodeJS.ErrnoException) => {
    const kind = syscall === 'connect' ? 'connect' : answer ? 'cut' : 'reset'
    resolve({ kind, detail: `${code}${sent.reusedSocket ? ', on a kept connection' : ''}` })
  })
  sent.on('response', (response) => {
    answer = response
    response.setEncoding('utf8')
    response.on('data', (text: string) => {
      body += text
    })
    response.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve({ kind: 'cut', detail: String(code) }),
    )
    response.on('end', () => {
      const status = response.statusCode ?? 0
      if (statuses.includes(status)) resolve({ body })
      else resolve({ kind: `${status}`, detail: /"code":"([^"]+)"/.exec(body)?.[1] ?? '' })
    })
  })
  return promise.finally(() => clearTimeout(timer))
}

function bodyOf(bytes: number, type = ''): Buffer {
  const body = Buffer.alloc(bytes, 'x')
  if (type === 'application/json') {
    body.write('{"text":"')
    body.write('"}', bytes - 2)
  }
  return body
}

function fill(text: string, index: number): string {
  return text.replaceAll('{n}', String(index)).replaceAll('{m}', String(index % 100))
}
