/** An answer as its bytes say. */
export interface Answer {
  readonly status: number
  /** Names and values in the order received. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

// many servers leave the space out when there is no reason
const STATUS_LINE = /^HTTP\/1\.1 ([1-9][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n\0]*?)[ \t]*$/

/**
 * The answer to a request of this method at the beginning of `bytes` (RFC 9112 section 6.3), after interim ones, and
 * what follows it; undefined while it is not complete. `closed` says that the server ended the connection in good
 * order, which completes a body without a length. Throws for what is no answer.
 */
export function readAnswer(
  bytes: Buffer,
  method: string,
  closed: boolean,
): { readonly answer: Answer; readonly rest: Buffer } | undefined {
  for (let at = 0; ; ) {
    const answer = readMessage(bytes.subarray(at), method, closed)
    if (answer === undefined) return undefined
    at += answer.size
    if (answer.status >= 200) return { answer, rest: bytes.subarray(at) }
  }
}

function readMessage(bytes: Buffer, method: string, closed: boolean): (Answer & Sized) | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const status = Number(STATUS_LINE.exec(statusLine)?.[1])
  if (Number.isNaN(status)) throw new Error('not a status line')
  const headers = lines.map((line) => {
    const field = FIELD_LINE.exec(line)
    if (field === null) throw new Error('not a field line')
    return [field[1] as string, field[2] as string] as const
  })
  const bodyless = status < 200 || status === 204 || status === 304 || method === 'HEAD'
  const content = bodyless ? EMPTY : readBody(bytes.subarray(headEnd + 4), headers, closed)
  return content && { status, headers, body: content.body, size: headEnd + 4 + content.size }
}

interface Sized {
  /** How many bytes it takes. */
  readonly size: number
}

interface Content extends Sized {
  readonly body: Buffer
}

const EMPTY: Content = { body: Buffer.alloc(0), size: 0 }

function readBody(bytes: Buffer, headers: Answer['headers'], closed: boolean): Content | undefined {
  const framing = headers.filter(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name))
  if (framing.length > 1) throw new Error('more than one framing field')
  const [[name, value] = ['', '']] = framing
  if (name === '') return closed ? { body: bytes, size: bytes.length } : undefined
  if (name.toLowerCase() === 'transfer-encoding') return readChunks(bytes)
  if (!/^[0-9]+$/.test(value)) throw new Error('not a length')
  const size = Number(value)
  return size > bytes.length ? undefined : { body: bytes.subarray(0, size), size }
}

function readChunks(bytes: Buffer): Content | undefined {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const text = bytes.toString('latin1', at, lineEnd)
    if (!/^[0-9a-fA-F]{1,8}$/.test(text)) throw new Error('not a chunk size')
    const end = lineEnd + 2 + Number.parseInt(text, 16)
    if (end + 2 > bytes.length) return undefined
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw new Error('no CRLF after a chunk')
    chunks.push(bytes.subarray(lineEnd + 2, end))
    at = end + 2
    if (end === lineEnd + 2) return { body: Buffer.concat(chunks), size: at }
  }
}
