/** A request as its bytes say, nothing joined, lower-cased or decoded but the chunks of the body. */
export interface ReceivedRequest {
  readonly method: string
  readonly target: string
  readonly version: string
  /** Names and values in the order received. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
  /** All bytes of the message. */
  readonly bytes: Buffer
  /** Values of every line with this name, compared without case. */
  values(name: string): string[]
}

const REQUEST_LINE = /^([A-Z-]+) ([\x21-\x7e]+) HTTP\/(1\.[01])$/
const FIELD_LINE =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[ \t\x21-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*$/

/**
 * The first request in `bytes` (RFC 9112), or undefined while it is not complete. Throws for anything that
 * two parsers could read differently: it is the second opinion on what we write.
 */
export function parseRequest(bytes: Buffer): ReceivedRequest | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [requestLine = '', ...fieldLines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const line = REQUEST_LINE.exec(requestLine)
  if (line === null) throw new Error(`not a request line: ${requestLine}`)
  const headers = fieldLines.map(parseField)
  const values = (name: string) =>
    headers
      .filter(([other]) => other.toLowerCase() === name.toLowerCase())
      .map(([, value]) => value)
  const content = parseBody(bytes, headEnd + 4, values)
  if (content === undefined) return undefined
  return {
    method: line[1] as string,
    target: line[2] as string,
    version: line[3] as string,
    headers,
    body: content.body,
    bytes: bytes.subarray(0, content.end),
    values,
  }
}

function parseField(text: string): [string, string] {
  const field = FIELD_LINE.exec(text)
  if (field === null) throw new Error(`not a field line: ${text}`)
  return [field[1] as string, field[2] as string]
}

interface Content {
  readonly body: Buffer
  readonly end: number
}

function parseBody(
  bytes: Buffer,
  start: number,
  values: (name: string) => string[],
): Content | undefined {
  const framing = [...values('content-length'), ...values('transfer-encoding')]
  const [coding] = values('transfer-encoding')
  if (framing.length === 0) return { body: Buffer.alloc(0), end: start }
  if (framing.length > 1) throw new Error('more than one framing field')
  if (coding === 'chunked') return parseChunks(bytes, start)
  if (!/^(?:0|[1-9][0-9]*)$/.test(framing[0] as string)) throw new Error('not a canonical length')
  const end = start + Number(framing[0])
  return end > bytes.length ? undefined : { body: bytes.subarray(start, end), end }
}

function parseChunks(bytes: Buffer, start: number): Content | undefined {
  const chunks: Buffer[] = []
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const sizeLine = bytes.toString('latin1', at, lineEnd)
    if (!/^[0-9a-fA-F]{1,8}$/.test(sizeLine)) throw new Error(`not a chunk size: ${sizeLine}`)
    const size = Number.parseInt(sizeLine, 16)
    const end = lineEnd + 2 + size
    if (end + 2 > bytes.length) return undefined
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw new Error('no CRLF after a chunk')
    chunks.push(bytes.subarray(lineEnd + 2, end))
    at = end + 2
    if (size === 0) return { body: Buffer.concat(chunks), end: at }
  }
}
