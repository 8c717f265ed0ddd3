import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Upstream } from '../../compiled.ts'
import { CountersignError } from '../../errors.ts'

/**
 * Ends, with `upstream/timeout`, a request to an upstream that does not connect, does not begin to answer,
 * or pauses too long within its answer. Time that the client takes to send or to read does not count.
 * Called while `request` has its socket and nothing was sent.
 */
export function limitUpstream(
  request: ClientRequest,
  response: ServerResponse,
  { connect, headers, body }: Upstream['timeouts'],
): void {
  let answer: IncomingMessage | undefined
  limitConnecting(request, connect)
  limitHead(request, headers)
  request.setTimeout(headers)
  request.once('response', (begun) => {
    answer = begun
    request.setTimeout(body)
  })
  request.on('timeout', () => {
    if (answer) {
      if (response.writableNeedDrain) request.setTimeout(body)
      else answer.destroy(timeout(`expected the next part of the response within ${body} ms`))
    } else {
      const clientIsSlow = !request.writableEnded && !request.writableNeedDrain
      if (clientIsSlow) request.setTimeout(headers)
      else request.destroy(lateHead(headers))
    }
  })
}

/** The time limit of a socket starts anew with each byte and with each interim answer, this one does not. */
function limitHead(request: ClientRequest, milliseconds: number): void {
  let timer: NodeJS.Timeout | undefined
  const start = () => {
    timer = setTimeout(() => request.destroy(lateHead(milliseconds)), milliseconds)
  }
  const stop = () => {
    request.off('finish', start)
    clearTimeout(timer)
  }
  request.once('finish', start).once('response', stop).once('close', stop)
}

function limitConnecting(request: ClientRequest, milliseconds: number): void {
  const { socket } = request
  if (!socket?.connecting) return
  const timer = setTimeout(() => {
    request.destroy(timeout(`expected a connection within ${milliseconds} ms`))
  }, milliseconds)
  const stop = () => clearTimeout(timer)
  socket.once('encrypted' in socket ? 'secureConnect' : 'connect', stop)
  request.once('close', stop)
}

function lateHead(milliseconds: number): CountersignError {
  return timeout(`expected a response head within ${milliseconds} ms`)
}

function timeout(message: string): CountersignError {
  return new CountersignError('upstream/timeout', message)
}
