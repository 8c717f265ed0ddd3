/** A value of ASN.1, as far as its shape tells. */
export interface Asn1 {
  readonly tag: 'integer' | 'octets' | 'oid' | 'sequence' | 'other'
  /** The content octets; of a text in parts, the parts together. */
  readonly content: Buffer
  /** Of an OCTET STRING, what it holds when that is a SEQUENCE. */
  readonly children: readonly Asn1[]
}

const TAGS: Readonly<Record<number, Asn1['tag']>> = {
  2: 'integer',
  4: 'octets',
  6: 'oid',
  36: 'octets',
  48: 'sequence',
}

const CONSTRUCTED = 0x20
const SEQUENCE = 0x30
const INDEFINITE = 0x80
/** Levels; a PKCS#12 file has about twenty. */
const DEEPEST = 40

/** The value that bytes begin with, in DER or BER (ITU-T X.690); undefined when they are none. */
export function parseAsn1(bytes: Buffer): Asn1 | undefined {
  return valueAt(bytes, 0, 0)?.value
}

interface Parsed {
  readonly value: Asn1
  readonly end: number
}

function valueAt(bytes: Buffer, at: number, depth: number): Parsed | undefined {
  const [tag, first] = bytes.subarray(at, at + 2)
  if (tag === undefined || first === undefined || depth > DEEPEST) return undefined
  const octets = first > INDEFINITE ? first - INDEFINITE : 0
  const start = at + 2 + octets
  const length = octets > 0 ? Number(`0x${bytes.toString('hex', at + 2, start) || '0'}`) : first
  const isIndefinite = first === INDEFINITE
  const end = isIndefinite ? bytes.length : start + length
  if (end > bytes.length) return undefined
  const name = TAGS[tag] ?? 'other'
  if ((tag & CONSTRUCTED) === 0) {
    const content = bytes.subarray(start, end)
    return { value: { tag: name, content, children: within(name, content, depth) }, end }
  }
  const children: Asn1[] = []
  let next = start
  while (next < end && !(isIndefinite && bytes[next] === 0 && bytes[next + 1] === 0)) {
    const child = valueAt(bytes, next, depth + 1)
    if (child === undefined || child.end > end) return undefined
    children.push(child.value)
    next = child.end
  }
  const content =
    name === 'octets'
      ? Buffer.concat(children.map((part) => part.content))
      : bytes.subarray(start, next)
  const held = name === 'octets' ? within(name, content, depth) : children
  return { value: { tag: name, content, children: held }, end: isIndefinite ? next + 2 : end }
}

function within(tag: Asn1['tag'], content: Buffer, depth: number): readonly Asn1[] {
  const held =
    tag === 'octets' && content[0] === SEQUENCE ? valueAt(content, 0, depth + 1) : undefined
  return held === undefined ? [] : [held.value]
}
