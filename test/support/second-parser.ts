import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A request as h11 reads it; names of fields are lower-case. */
export interface SecondRequest {
  readonly method: string
  readonly target: string
  readonly version: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** What h11 found in the bytes of a connection. */
export interface SecondReading {
  readonly requests: readonly SecondRequest[]
  /** How many bytes belong to no complete request. */
  readonly leftover: number
  /** Why it did not read on. */
  readonly error?: string
}

/** The parsers of another language, in a process of their own: Python's h11 for HTTP/1.1 and its json for JSON. */
export interface SecondParser {
  /** Reads all bytes of one connection. */
  read(bytes: Uint8Array): Promise<SecondReading>
  /**
   * The values at this path of a JSON text, one for each spelling of its lower-case names in any case, duplicates
   * too; null for what is no string. Rejects when it is not JSON.
   */
  jsonValues(text: Uint8Array, path: readonly string[]): Promise<readonly (string | null)[]>
  close(): void
}

const SCRIPT = fileURLToPath(new URL('second-parser.py', import.meta.url))

// distributions install h11 for their own Python, which need not be the first on the PATH
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import h11']).status === 0,
)

/** Why there is no second parser; undefined when there is one. */
export const whyNoSecondParser =
  python === undefined ? 'h11 is not installed (Debian: python3-h11)' : undefined

// a run that has to prove it must not pass by skipping
if (whyNoSecondParser !== undefined) {
  if (process.env.COUNTERSIGN_REQUIRE_H11 === '1') throw new Error(whyNoSecondParser)
  console.warn(`skipped: ${whyNoSecondParser}`)
}

/** Starts one; ask `whyNoSecondParser` first. */
export function startSecondParser(): SecondParser {
  if (python === undefined) throw new Error(whyNoSecondParser)
  const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting: PromiseWithResolvers<unknown>[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    waiting.shift()?.resolve(JSON.parse(line))
  })
  child.once('close', () => {
    for (const { reject } of waiting) reject(new Error('the second parser has ended'))
  })

  function ask(question: object): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>()
    waiting.push(answer)
    child.stdin.write(`${JSON.stringify(question)}\n`)
    return answer.promise
  }
  return {
    async read(bytes) {
      const reading = (await ask({ bytes: base64(bytes) })) as Reading
      const requests = reading.requests.map((request) => {
        return { ...request, body: Buffer.from(request.body, 'base64') }
      })
      return { ...reading, requests }
    },
    async jsonValues(text, path) {
      const { values, error } = (await ask({ json: base64(text), path })) as Values
      if (values === undefined) throw new Error(`not JSON: ${error}`)
      return values
    },
    close: () => void child.kill(),
  }
}

interface Reading extends Omit<SecondReading, 'requests'> {
  readonly requests: readonly (Omit<SecondRequest, 'body'> & { readonly body: string })[]
}

interface Values {
  readonly values?: readonly (string | null)[]
  readonly error?: string
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
