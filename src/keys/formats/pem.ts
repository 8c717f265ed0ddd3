const BEGIN = '-----BEGIN '
const DASHES = '-----'

/** One block of PEM text (RFC 7468). */
export interface PemBlock {
  /** What stands between `-----BEGIN ` and the dashes: `PRIVATE KEY`. */
  readonly label: string
  /** The block alone, with line ends where OpenSSL wants them. */
  readonly text: string
  /** True for the older form of encryption, which says so in lines of its own (RFC 1421 section 4.6). */
  readonly hasEncryptionHeader: boolean
}

/** True when the text holds a PEM block, or the beginning of one. */
export function isPem(text: string): boolean {
  return text.includes(BEGIN)
}

/**
 * The blocks of PEM text, whatever stands around them; undefined when one is cut off. Line ends may be LF, CRLF,
 * blanks or a literal `\n`.
 */
export function readPem(source: string): readonly PemBlock[] | undefined {
  const text = source.replace(/(?:\\r)?\\n/g, '\n')
  const blocks: PemBlock[] = []
  let at = text.indexOf(BEGIN)
  while (at !== -1) {
    const labelAt = at + BEGIN.length
    const labelEnd = text.indexOf(DASHES, labelAt)
    if (labelEnd === -1) return undefined
    const label = text.slice(labelAt, labelEnd)
    const end = `-----END ${label}-----`
    const bodyAt = labelEnd + DASHES.length
    const bodyEnd = text.indexOf(end, bodyAt)
    if (bodyEnd === -1) return undefined
    const body = text.slice(bodyAt, bodyEnd)
    if (body.includes(BEGIN)) return undefined
    blocks.push(normalise(label, body))
    at = text.indexOf(BEGIN, bodyEnd + end.length)
  }
  return blocks
}

const ENCRYPTION_HEADER =
  /^\s*(Proc-Type:\s*4,\s*ENCRYPTED)\s+(DEK-Info:\s*[A-Za-z0-9-]+,[0-9A-Fa-f]+)\s/

// OpenSSL wants lines of at most 76 characters; variables often come with blanks in place of line ends.
function normalise(label: string, body: string): PemBlock {
  const [header = '', ...headerLines] = ENCRYPTION_HEADER.exec(body) ?? []
  const lines =
    body
      .slice(header.length)
      .replace(/\s+/g, '')
      .match(/.{1,64}/g) ?? []
  const head = headerLines.length > 0 ? [...headerLines, ''] : []
  return {
    label,
    text: [`-----BEGIN ${label}-----`, ...head, ...lines, `-----END ${label}-----`, ''].join('\n'),
    hasEncryptionHeader: headerLines.length > 0,
  }
}
