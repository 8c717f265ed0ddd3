/** Follows where the frames of a WebSocket end (RFC 6455 section 5.2), by their lengths alone. */
export interface FrameBoundaries {
  /** True while no frame has begun that has not ended. */
  readonly atBoundary: boolean
  /** Follows the next bytes. Gives the offset in them of the last boundary, -1 when there is none. */
  follow(bytes: Uint8Array): number
}

/** Starts before the first frame. */
export function createFrameBoundaries(): FrameBoundaries {
  /** What has come of the head of a frame. */
  let head: number[] = []
  /** Bytes of the payload that are to come. */
  let left = 0
  return {
    get atBoundary() {
      return head.length === 0 && left === 0
    },
    follow(bytes) {
      let boundary = this.atBoundary ? 0 : -1
      for (let at = 0; at < bytes.length; ) {
        if (left > 0) {
          const step = Math.min(left, bytes.length - at)
          left -= step
          at += step
        } else {
          head.push(bytes[at] as number)
          at += 1
          if (head.length < headLength(head)) continue
          left = payloadLength(head)
          head = []
        }
        if (left === 0) boundary = at
      }
      return boundary
    },
  }
}

/** A frame that closes a WebSocket with this status code (RFC 6455 section 7.4), as a server sends it. */
export function closeFrame(code: number): Buffer {
  return Buffer.from([0x88, 2, code >> 8, code & 0xff])
}

function headLength([, lengths = 0]: readonly number[]): number {
  const mask = lengths & 0x80 ? 4 : 0
  return 2 + extendedBytes(lengths) + mask
}

function payloadLength([, lengths = 0, ...extended]: readonly number[]): number {
  const bytes = extendedBytes(lengths)
  if (bytes === 0) return lengths & 0x7f
  return extended.slice(0, bytes).reduce((length, byte) => length * 256 + byte, 0)
}

/** Bytes of the length beside its first seven bits. */
function extendedBytes(lengths: number): number {
  return { 126: 2, 127: 8 }[lengths & 0x7f] ?? 0
}
