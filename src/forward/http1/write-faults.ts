import type { Socket } from 'node:net'

/** What a write fails with when the other side reads no more. */
const CUT_OFF: ReadonlySet<unknown> = new Set(['EPIPE', 'ECONNRESET', 'UPSTREAM_RESET'])

type Done = (error?: Error | null) => void

/** Which sockets have been dealt with. */
const surviving = new WeakSet<Socket>()

/**
 * Keeps a socket open on which a write fails because the other side reads no more, where `onCutOff` returns true: what
 * that side had said before is still to be read, such as a 413 (RFC 9112 section 9.6), and node destroys the socket with
 * it. Nothing that is written afterwards leaves.
 */
export function surviveWriteFaults(socket: Socket, onCutOff: (from: Socket) => boolean): void {
  if (surviving.has(socket)) return
  surviving.add(socket)
  const write = socket._write.bind(socket)
  const writev = socket._writev?.bind(socket)
  const unlessCutOff = (done: Done): Done => {
    return (error) => {
      const isCutOff = error && 'code' in error && CUT_OFF.has(error.code)
      if (!isCutOff || !onCutOff(socket)) done(error)
    }
  }
  socket._write = (chunk, encoding, done) => write(chunk, encoding, unlessCutOff(done))
  if (writev) socket._writev = (chunks, done) => writev(chunks, unlessCutOff(done))
}
