import type { Socket } from 'node:net'

/** Takes `100 Continue` out of what an upstream sends. */
export interface ContinueFilter {
  /** Begins anew, before a request is sent. */
  expectHead(): void
  /** True when any byte has arrived since. */
  heard(): boolean
}

/** Most bytes of interim answers that are held until they are complete. */
const LONGEST = 16 * 1024
const END = '\r\n\r\n'

/**
 * Takes the interim answer 100 out of what `socket` reads. Any server may send one (RFC 9110 section 15.2.1), but
 * undici destroys a connection on which it meets one that it has not asked for.
 */
export function filterContinue(socket: Socket): ContinueFilter {
  const read = socket.read.bind(socket)
  let isHeadExpected = true
  let isHeard = false
  let held: Buffer | undefined

  function pass(chunk: Buffer): Buffer | undefined {
    const bytes = held ? Buffer.concat([held, chunk]) : chunk
    held = undefined
    const kept: Buffer[] = []
    let from = 0
    for (;;) {
      const status = interimStatus(bytes, from)
      if (status === 'final' || bytes.length - from > LONGEST) {
        isHeadExpected = false
        kept.push(bytes.subarray(from))
        break
      }
      const end = status === 'unknown' ? -1 : bytes.indexOf(END, from, 'latin1')
      if (end < 0) {
        held = bytes.subarray(from)
        break
      }
      const next = end + END.length
      if (status !== '100') kept.push(bytes.subarray(from, next))
      from = next
    }
    if (kept.length === 0) return undefined
    return kept.length === 1 ? kept[0] : Buffer.concat(kept)
  }
  function readFiltered(size?: number): Buffer | null {
    for (;;) {
      const chunk: Buffer | null = read(size)
      if (chunk === null || chunk.length === 0) return chunk
      isHeard = true
      if (!isHeadExpected) return chunk
      const passed = pass(chunk)
      if (passed && passed.length > 0) return passed
    }
  }
  socket.read = readFiltered
  return {
    expectHead() {
      isHeadExpected = true
      isHeard = false
    },
    heard: () => isHeard,
  }
}

/** The status of the interim answer that begins at `from`, if it is one, as far as that can be told. */
function interimStatus(bytes: Buffer, from: number): string {
  const start = bytes.toString('latin1', from, from + 12)
  const [, status] = /^HTTP\/1\.[01] (1[0-9][0-9])$/.exec(start) ?? []
  if (status !== undefined) return status === '101' ? 'final' : status
  return 'HTTP/1.1 1'.startsWith(start.slice(0, 10)) && start.length < 12 ? 'unknown' : 'final'
}
