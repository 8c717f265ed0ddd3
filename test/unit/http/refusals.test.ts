import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import {
  applyBody,
  checkBodyEncoding,
  checkConnection,
  checkUnsigned,
  clientGone,
  createHead,
  parsePayload,
  parseTarget,
  readBody,
} from '../../../src/http/index.ts'
import { Secret } from '../../../src/secret.ts'
import type { BodyPlace } from '../../../src/types.ts'

const FORM = 'application/x-www-form-urlencoded'
const CANARY: BodyPlace = { kind: 'field', name: 'canary' }
const NEVER: BodyPlace = { kind: 'pointer', segments: ['never'] }

const head = (rawHeaders: readonly string[], httpVersion = '1.1') =>
  createHead({
    method: 'GET',
    url: '/canary',
    rawHeaders,
    httpVersion,
    scheme: 'http',
    remoteAddress: '127.0.0.1:5000',
    localAddress: '127.0.0.1:8080',
  })

const put = (text: string, type: string, ...places: readonly BodyPlace[]) =>
  applyBody(Buffer.from(text), type, {
    removeBody: [],
    setBody: places.map((place) => ({ place, value: new Secret('canary') })),
  })

const at = (...segments: string[]): BodyPlace => ({ kind: 'pointer', segments })
const json = (text: string, ...places: readonly BodyPlace[]) =>
  put(text, 'application/json', ...places)

const body = (text: string) => Readable.from([Buffer.from(text)])

it.each<[refused: string, refuse: () => unknown]>([
  ['a version', () => head(['Host', 'canary'], '2.0')],
  ['a host', () => head(['Host', 'canary/'])],
  ['a coding', () => head(['Host', 'canary', 'Transfer-Encoding', 'canary'])],
  ['a length', () => head(['Host', 'canary', 'Content-Length', 'canary'])],
  ['an expectation', () => head(['Host', 'canary', 'Expect', 'canary'])],
  ['an upgrade', () => head(['Host', 'canary', 'Connection', 'upgrade', 'Upgrade', 'canary'])],
  ['a nomination', () => checkConnection({ connection: 'canary, host' }, [])],
  ['a method', () => parseTarget('TRACE', '/canary')],
  ['a word as method', () => parseTarget('canary', '/')],
  ['a long target', () => parseTarget('GET', '/canary', 6)],
  ['a URL', () => parseTarget('GET', 'canary')],
  ['a backslash', () => parseTarget('GET', '/canary\\')],
  ['a cut triplet', () => parseTarget('GET', '/canary%4')],
  ['a separator', () => parseTarget('GET', '/canary%2f')],
  ['dots', () => parseTarget('GET', '/canary/..')],
  ['a declared length', () => readBody(body('canary'), 5, 6)],
  ['a long body', () => readBody(body('canary'), 5)],
  ['a short body', () => readBody(body('canary'), 9, 7)],
  ['a client', () => Promise.reject(clientGone())],
  ['a content coding', () => checkBodyEncoding({ 'content-encoding': 'canary' })],
  ['a signature', () => checkUnsigned(['Authorization', 'AWS4-HMAC-SHA256 canary'], '')],
  ['two types', () => parsePayload(Buffer.from('canary'), ['a/canary', 'a/b'])],
  ['a parameter', () => put('canary', 'text/plain;canary', NEVER)],
  ['a parameter twice', () => put('canary', 'a/b;canary=1;canary=1', NEVER)],
  ['a charset', () => put('canary', 'text/json;charset=canary', NEVER)],
  [
    'many values',
    () => parsePayload(Buffer.from(`["canary"${',1'.repeat(50_000)}]`), 'application/json'),
  ],
  ['text in Latin-1', () => parsePayload(Buffer.from('canary\xff', 'latin1'), 'text/plain')],
  [
    'a form in Latin-1',
    () =>
      applyBody(Buffer.from('canary\xff', 'latin1'), FORM, {
        removeBody: [{ kind: 'field', name: 'a' }],
        setBody: [],
      }),
  ],
  ['an empty form', () => put(' ', FORM, CANARY)],
  ['no body', () => put('', FORM, CANARY)],
  ['a type', () => put('canary', 'text/plain', NEVER)],
  ['what is not JSON', () => json('{"canary"', at('canary'))],
  ['white space', () => json(' ', at('canary'))],
  ['text', () => json('"canary"', at('canary'))],
  ['an array', () => json('["canary"]', at('canary'))],
  ['a way twice', () => json('{"canary":{},"canary":{}}', at('canary', 'a'))],
  ['another spelling', () => json('{"Canary":{}}', at('canary', 'a'))],
  ['a place below another', () => json('{}', at('canary'), at('canary', 'a'))],
])(
  'says what it expects, and nothing of the request, when it refuses %s',
  async (_what, refuse) => {
    await expect((async () => refuse())()).rejects.toThrow(/^expected (?!.*canary)/i)
  },
)
