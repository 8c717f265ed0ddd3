import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectionLines, headerAliases, keptLines } from '../support/arbitrary-fields.ts'
import { jsonTexts } from '../support/arbitrary-json.ts'
import { cookieLines, pairs } from '../support/arbitrary-pairs.ts'
import { type EveryPlace, startEveryPlace } from '../support/every-place.ts'
import { whyNoSecondParser } from '../support/second-parser.ts'

let places: EveryPlace
let callers = 0
const outcomes = new Map<number, number>()

/** Requests on one connection: what each has beside its caller, and how many were served. */
async function send(requests: readonly ClientRequest[]): Promise<void> {
  const sent = requests.map((request) => {
    callers += 1
    return { ...request, lines: [...request.lines, `X-Caller: c${callers}`] }
  })
  const { reply, requests: reached } = await places.exchange(
    Buffer.from(sent.map(bytesOf).join('')),
  )
  for (const [, status] of reply.text.matchAll(/^HTTP\/1\.1 (\d+) /gm)) {
    outcomes.set(Number(status), (outcomes.get(Number(status)) ?? 0) + 1)
  }
  for (const request of reached) {
    const text = request.bytes.toString()
    expect(text).not.toContain('CLIENT')
    const [caller] = request.values('x-caller')
    const original = sent.find(({ lines }) => lines.includes(`X-Caller: ${caller}`))
    expect(original && marks(text)).toBe(original && marks(bytesOf(original)))
  }
}

interface ClientRequest {
  readonly method: string
  readonly target: string
  readonly lines: readonly string[]
  readonly body?: string
  readonly type?: string
}

function bytesOf({ method, target, lines, body, type }: ClientRequest): string {
  const about =
    body === undefined
      ? []
      : [`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`]
  return [`${method} ${target} HTTP/1.1`, 'Host: a', ...lines, ...about, '', body ?? ''].join(
    '\r\n',
  )
}

/** What is to be kept, in order, without our own. */
function marks(text: string): number {
  return text.split('KEPT').length - 1
}

function shuffled(...groups: readonly fc.Arbitrary<readonly string[]>[]): fc.Arbitrary<string[]> {
  return fc
    .tuple(...groups)
    .chain((lists) => fc.shuffledSubarray(lists.flat(), { minLength: lists.flat().length }))
}

const few = (lines: fc.Arbitrary<string>, maxLength = 3) => fc.array(lines, { maxLength })
const rarely = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: few(connectionLines, 1) },
)
const claimed = (name: string) => headerAliases(name).map((alias) => `${alias}: CLIENT`)
const lines = shuffled(few(keptLines), rarely)
const targets = (name: string) => fc.constantFrom(`/${name}`, `/${name}/a?b=KEPT`, `/${name}?`)

const get = (method: string, target: string, given: readonly string[]): ClientRequest => {
  return { method, target, lines: given }
}
const byHeader = (policy: string, name: string) =>
  fc
    .tuple(
      fc.constantFrom('GET', 'HEAD', 'DELETE'),
      targets(policy),
      shuffled(few(claimed(name), 4), few(keptLines), rarely),
    )
    .map((parts) => get(...parts))

const REQUESTS: Readonly<Record<string, fc.Arbitrary<ClientRequest>>> = {
  header: byHeader('header', 'authorization'),
  named: byHeader('named', 'x-user'),
  query: fc
    .tuple(pairs('token'), lines)
    .map(([list, given]) => get('GET', `/query/a?${list.join('&')}`, given)),
  form: fc.tuple(targets('form'), pairs('token'), lines).map(([target, list, given]) => ({
    ...get('POST', target, given),
    body: list.join('&'),
    type: 'application/x-www-form-urlencoded',
  })),
  json: fc.tuple(targets('json'), jsonTexts(['token']), lines).map(([target, body, given]) => ({
    ...get('POST', target, given),
    body,
    type: 'application/json',
  })),
  deep: fc
    .tuple(targets('deep'), jsonTexts(['session', 'token']), lines)
    .map(([target, body, given]) => ({
      ...get('PUT', target, given),
      body,
      type: 'application/json; charset=utf-8',
    })),
  cookie: fc
    .tuple(targets('cookie'), shuffled(cookieLines('token'), few(keptLines), rarely))
    .map(([target, given]) => get('GET', target, given)),
}

const RUNS = 100
const SEED = 1

describe.skipIf(whyNoSecondParser !== undefined)('I1 exactly one credential, ours', () => {
  beforeAll(async () => {
    places = await startEveryPlace()
  })
  afterAll(() => places?.close())

  it.each(Object.entries(REQUESTS))('stands at the place of the policy %s', async (_, requests) => {
    outcomes.clear()
    await fc.assert(
      fc.asyncProperty(requests, (request) => send([request])),
      { numRuns: RUNS, seed: SEED },
    )
    expect(outcomes.get(200)).toBeGreaterThan(RUNS / 3)
  })

  it('whatever else is asked on the connection', async () => {
    outcomes.clear()
    const any = fc.oneof(...Object.values(REQUESTS))
    await fc.assert(fc.asyncProperty(fc.array(any, { minLength: 2, maxLength: 5 }), send), {
      numRuns: RUNS,
      seed: SEED,
    })
    expect(outcomes.get(200)).toBeGreaterThan(RUNS)
  })
})
