import { createHash, createHmac, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { hmacSecret } from './keys.ts'
import { listening } from './listening.ts'
import { startCountersign } from './process.ts'
import { tempFolder } from './temp-folder.ts'

/** What one transfer gave. */
export interface Transfer {
  /** Bytes that arrived. */
  readonly bytes: number
  /** True when they are the bytes that were sent. */
  readonly identical: boolean
}

/** A proxy in a process of its own, between a client and an upstream in this one. */
export interface StreamingProxy {
  /** Sends `size` bytes of noise to the upstream. */
  upload(size: number): Promise<Transfer>
  /** Fetches `size` bytes of noise from the upstream. */
  download(size: number): Promise<Transfer>
  /** Bytes by which the resident memory of the proxy's process peaked during `run` above what it was before. */
  growth(run: () => Promise<unknown>): Promise<number>
}

/** Starts one inside a test. */
export async function startStreamingProxy(): Promise<StreamingProxy> {
  const upstream = createServer(async (message, response) => {
    const { searchParams } = new URL(message.url ?? '/', 'http://localhost')
    const size = Number(searchParams.get('size'))
    if (message.method === 'GET') {
      await pipeline(noise(size), response).catch(() => {})
      return
    }
    const hash = createHash('sha256')
    const bytes = await consume(message, hash)
    response.end(JSON.stringify({ bytes, digest: hash.digest('hex') }))
  })
  const port = await listening(upstream)

  const folder = await tempFolder({
    'signed.yaml':
      'name: signed\njwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }\n',
  })
  const proxy = startCountersign(
    [
      'serve',
      ...['--policies', folder.path],
      ...['--upstream', `http://127.0.0.1:${port}`],
      ...['--listen', '127.0.0.1:0'],
      ...['--management', 'off'],
    ],
    { env: { SECRET: hmacSecret() } },
  )
  const [, url = ''] = await proxy.waitFor(/proxy\s+(http:\S+)/)
  const status = `/proc/${proxy.pid}/status`

  return {
    async upload(size) {
      const hash = createHash('sha256')
      const client = request(url, { method: 'POST' })
      const answered = once(client, 'response')
      await pipeline(noise(size, hash), client)
      const [answer] = await answered
      const { bytes, digest } = JSON.parse(Buffer.concat(await answer.toArray()).toString())
      return { bytes, identical: digest === hash.digest('hex') }
    },
    async download(size) {
      const [answer] = await once(request(`${url}?size=${size}`).end(), 'response')
      const hash = createHash('sha256')
      const bytes = await consume(answer, hash)
      return { bytes, identical: hash.digest('hex') === digestOfNoise(size) }
    },
    async growth(run) {
      // sets the peak back to what is resident now
      writeFileSync(`/proc/${proxy.pid}/clear_refs`, '5')
      const before = kibibytes(status, 'VmRSS')
      await run()
      return 1024 * (kibibytes(status, 'VmHWM') - before)
    },
  }
}

const BLOCK = 64 * 1024

/** Bytes without a pattern, the same for the same size. */
function noise(size: number, hash?: Hash): Readable {
  return Readable.from(blocks(size, hash), { objectMode: false })
}

function* blocks(size: number, hash?: Hash): Generator<Buffer> {
  for (let from = 0; from < size; from += BLOCK) {
    const seed = createHmac('sha512', 'noise').update(String(from)).digest()
    const block = Buffer.alloc(Math.min(BLOCK, size - from), seed)
    hash?.update(block)
    yield block
  }
}

function digestOfNoise(size: number): string {
  const hash = createHash('sha256')
  for (const _ of blocks(size, hash));
  return hash.digest('hex')
}

async function consume(stream: Readable, hash: Hash): Promise<number> {
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    hash.update(chunk)
  }
  return bytes
}

function kibibytes(path: string, name: string): number {
  const [, value] = new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(readFileSync(path, 'utf8')) ?? []
  return Number(value)
}
