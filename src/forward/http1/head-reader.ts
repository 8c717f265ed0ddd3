import { malformed } from '../wire-error.ts'
import { FIELDS_LIMIT, type Http1Head, parseResponseHead } from './response-head.ts'

/** Collects the bytes of one head after the other. */
export interface HeadReader {
  /**
   * Reads bytes from the offset `at` on: `head` is there once its last line is, and `end` is the offset behind it.
   * Throws `UPSTREAM_MALFORMED` as soon as what has come cannot become a head.
   */
  read(bytes: Buffer, at: number): { readonly head: Http1Head | undefined; readonly end: number }
  /** Forgets what has come. */
  reset(): void
}

/** Octets of a head, its line ends included: fields of few octets have as many again around them. */
const HEAD_LIMIT = 2 * FIELDS_LIMIT

/** Octets that are reserved first for a head that comes in pieces. */
const SMALL = 512

const END = '\r\n\r\n'

/** Starts without a byte. */
export function createHeadReader(): HeadReader {
  /** What has come of a head that is not whole: the first octets of a memory of our own. */
  let held: Buffer | undefined
  let size = 0

  /** Keeps what was given to us: after the call it is other bytes, those of another connection's answer. */
  function hold(bytes: Buffer, from: number): Buffer {
    const known = size
    size += bytes.length - from
    if (!held || held.length < size) {
      // twice as much each time: an upstream that says one octet after the other has each copied once or twice
      const larger = Buffer.allocUnsafe(Math.max(SMALL, 2 * size))
      held?.copy(larger, 0, 0, known)
      held = larger
    }
    bytes.copy(held, known, from)
    return held.subarray(0, size)
  }
  function reset(): void {
    held = undefined
    size = 0
  }
  return {
    read(bytes, at) {
      const known = size
      const all = held ? hold(bytes, at) : bytes
      const start = held ? 0 : at
      const end = all.indexOf(END, Math.max(start, known - END.length + 1), 'latin1')
      if ((end < 0 ? all.length : end) - start > HEAD_LIMIT) throw malformed('a shorter head')
      if (end < 0) {
        checkBegun(held ? all : hold(bytes, at), known)
        return { head: undefined, end: bytes.length }
      }
      reset()
      const head = parseResponseHead(all.toString('latin1', start, end))
      return { head, end: end + END.length - (all.length - bytes.length) }
    },
    reset,
  }
}

/** Refuses what nothing can follow that would make it a head, so that nobody waits for the rest of it. */
function checkBegun(bytes: Buffer, from: number): void {
  const start = bytes.toString('latin1', 0, 9)
  if (!'HTTP/1.0 '.startsWith(start) && !'HTTP/1.1 '.startsWith(start)) {
    throw malformed('a status line')
  }
  for (let at = bytes.indexOf(0x0a, from); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at - 1] !== 0x0d) throw malformed('a line that ends with CR LF')
  }
}
