/** What DER bytes hold, as far as their outermost members tell. */
export type DerContent =
  | ('pkcs8' | 'pkcs1' | 'sec1')
  | ('encrypted' | 'pkcs12')
  | ('public' | 'certificate')

const TAG = { integer: 0x02, bitString: 0x03, octetString: 0x04, sequence: 0x30 }

/** `version` of PKCS#12, and the tag of what follows it. */
const BER_VERSION_3 = [TAG.integer, 1, 3, TAG.sequence]

/**
 * What DER bytes hold: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC1 (RFC 5915), PKCS#12 (RFC 7292), a public key or a
 * certificate; undefined for anything else, a cut text too.
 */
export function derContent(bytes: Uint8Array): DerContent | undefined {
  if (bytes[0] !== TAG.sequence) return undefined
  // Indefinite length is BER, which PKCS#12 alone allows and some tools write.
  if (bytes[1] === 0x80)
    return BER_VERSION_3.every((byte, index) => bytes[index + 2] === byte) ? 'pkcs12' : undefined
  const outer = elementAt(bytes, 0)
  if (outer?.end !== bytes.length) return undefined
  const tags: number[] = []
  for (let at = outer.start; at < bytes.length; ) {
    const element = elementAt(bytes, at)
    if (element === undefined || element.end > bytes.length) return undefined
    tags.push(element.tag)
    at = element.end
  }
  return contentOf(tags, bytes[outer.start + 2])
}

function contentOf(tags: readonly number[], version: number | undefined): DerContent | undefined {
  const [first, second, third] = tags
  if (first === TAG.sequence) {
    if (second === TAG.octetString && tags.length === 2) return 'encrypted'
    if (second === TAG.bitString && tags.length === 2) return 'public'
    return second === TAG.sequence && third === TAG.bitString ? 'certificate' : undefined
  }
  if (first !== TAG.integer) return undefined
  if (second === TAG.octetString) return 'sec1'
  if (second === TAG.sequence) return version === 3 ? 'pkcs12' : 'pkcs8'
  if (tags.some((tag) => tag !== TAG.integer)) return undefined
  return tags.length === 2 ? 'public' : 'pkcs1'
}

interface Element {
  readonly tag: number
  /** Offset of the content. */
  readonly start: number
  readonly end: number
}

function elementAt(bytes: Uint8Array, at: number): Element | undefined {
  const [tag, first] = bytes.subarray(at, at + 2)
  if (tag === undefined || first === undefined) return undefined
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first }
  const start = at + 2 + (first & 0x7f)
  const digits = bytes.subarray(at + 2, start)
  // More than four octets of length are no key of this world.
  if (digits.length === 0 || digits.length > 4 || start > bytes.length) return undefined
  return { tag, start, end: start + digits.reduce((length, digit) => length * 256 + digit, 0) }
}
