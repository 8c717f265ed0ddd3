import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { wireError } from '../wire-error.ts'

/** Sends a body that is on its way. */
export interface BodyWriter {
  /** True when all of it has been written. */
  isOver(): boolean
  /** Writes no more of it, and destroys it. */
  stop(): void
}

/** The body that is sent, how it is framed, and who hears that it has failed. */
export interface BodyOptions {
  readonly body: Readable
  /** Octets; infinite when it is chunked. */
  readonly length: number
  /** Called once at most: with what the body failed with, or `REQUEST_LENGTH`. */
  onError(error: Error): void
}

/** Writes a body to a socket as it comes, with the back-pressure of the socket; never an octet beyond its length. */
export function writeBody(socket: Socket, { body, length, onError }: BodyOptions): BodyWriter {
  const isChunked = length === Number.POSITIVE_INFINITY
  let left = length
  let isOver = false
  let isStopped = false

  function onData(chunk: Buffer): void {
    if (chunk.length === 0) return
    left -= chunk.length
    if (left < 0) {
      fail(mismatch())
      return
    }
    if (isChunked) {
      socket.cork()
      socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
      socket.write(chunk)
      socket.write('\r\n', 'latin1')
      socket.uncork()
    } else {
      socket.write(chunk)
    }
    if (socket.writableNeedDrain) body.pause()
  }
  function onEnd(): void {
    if (left > 0 && !isChunked) {
      fail(mismatch())
      return
    }
    leave()
    isOver = true
    if (isChunked) socket.write('0\r\n\r\n', 'latin1')
  }
  function onClose(): void {
    if (!isStopped)
      fail(body.errored ?? wireError('REQUEST_LENGTH', 'expected the rest of the body'))
  }
  const onDrain = () => void body.resume()

  function leave(): void {
    isStopped = true
    body.off('data', onData).off('end', onEnd).off('close', onClose)
    socket.off('drain', onDrain)
  }
  function stop(): void {
    leave()
    body.destroy()
  }
  function fail(error: Error): void {
    stop()
    onError(error)
  }
  socket.on('drain', onDrain)
  // it would tell nothing any more
  if (body.closed) queueMicrotask(onClose)
  body.on('data', onData).on('end', onEnd).on('close', onClose)
  body.resume()
  return {
    isOver: () => isOver,
    stop,
  }
}

function mismatch(): Error {
  return wireError('REQUEST_LENGTH', 'expected a body of the declared length')
}
