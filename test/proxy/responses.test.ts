import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { settled } from '../support/proxy-process.ts'
import { rawRequest } from '../support/raw-client.ts'
import { type Replier, recordingUpstream } from '../support/recording-upstream.ts'

async function exchange(reply: Replier, request: string, until: (text: string) => boolean) {
  const upstream = await recordingUpstream(reply)
  const proxy = await startProxy({
    policies: `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
`,
    upstream: upstream.url,
    variables: { SECRET: hmacSecret() },
  })
  const answer = await rawRequest(proxy.port, request, { until })
  const events = await proxy.requestsOnce(1)
  await upstream.close()
  return { answer, events, upstream }
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const afterHead = (text: string) => text.includes('\r\n\r\n')

it('passes status, reason and fields on, repeated ones too', async () => {
  const { answer, events } = await exchange(
    'HTTP/1.1 299 Fine Indeed\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nServer: theirs\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nX-Latin: caf\xe9\r\ncontent-length: 2\r\n\r\nok',
    GET,
    (text) => text.endsWith('ok'),
  )
  const [head = ''] = answer.text.split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 299 Fine Indeed\r\n/)
  expect(head.match(/^(?:set-cookie|server|date|x-latin): .*$/gim)).toEqual([
    'Set-Cookie: a=1',
    'Set-Cookie: b=2',
    'Server: theirs',
    'Date: Thu, 01 Jan 2026 00:00:00 GMT',
    'X-Latin: caf\xe9',
  ])
  expect(events[0]).toMatchObject({ status: 299, route: 'default' })
})

it('passes octets beyond ASCII in a field on when the head goes out before the body', async () => {
  const { answer } = await exchange(
    async (_request, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX-Latin: caf\xe9\r\ncontent-length: 2\r\n\r\n', 'latin1')
      await wait(50)
      return 'ok'
    },
    GET,
    (text) => text.endsWith('ok'),
  )
  expect(answer.text).toContain('X-Latin: caf\xe9\r\n')
})

it('adds no field that tells about us', async () => {
  const { answer } = await exchange('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok', GET, (text) =>
    text.endsWith('ok'),
  )
  const names = answer.text.split('\r\n\r\n')[0]?.match(/^[\w-]+(?=:)/gm)
  expect(names?.map((name) => name.toLowerCase()).sort()).toEqual([
    'connection',
    'content-length',
    'date',
    'keep-alive',
  ])
})

it('strips the fields of the connection and those that it names', async () => {
  const { answer } = await exchange(
    'HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\nProxy-Authenticate: Basic\r\nTrailer: X-T\r\nX-End: 1\r\ncontent-length: 2\r\n\r\nok',
    GET,
    (text) => text.endsWith('ok'),
  )
  expect(answer.text).not.toMatch(/x-hop|timeout=9|proxy-authenticate|trailer/i)
  expect(answer.text).toMatch(/X-End: 1/)
})

it('T043 passes a redirect on and does not follow it', async () => {
  const { answer, upstream } = await exchange(
    'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/steal\r\ncontent-length: 0\r\n\r\n',
    GET,
    afterHead,
  )
  expect(answer.status).toBe(302)
  expect(answer.text).toMatch(/Location: http:\/\/127\.0\.0\.1:1\/steal\r\n/)
  expect(upstream.requests()).toHaveLength(1)
})

it.each([
  ['204', 'HTTP/1.1 204 No Content\r\nx: 1\r\n\r\n'],
  ['204 with a length', 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello'],
  ['304', 'HTTP/1.1 304 Not Modified\r\netag: "a"\r\n\r\n'],
  [
    '304 with a body',
    'HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ],
])('passes a %s on without a body, and serves the next request', async (_case, reply) => {
  const { answer, events } = await exchange(
    reply,
    `${GET}${GET}`,
    (text) => text.split('\r\n\r\n').length > 2,
  )
  expect(answer.text).not.toContain('hello')
  expect(answer.text).not.toMatch(/content-length: 5|transfer-encoding/i)
  expect(answer.text.match(/HTTP\/1\.1 (?:204|304)/g)).toHaveLength(2)
  expect(events[0]?.error).toBeUndefined()
})

it('answers HEAD with the length of the body and without it', async () => {
  const { answer, upstream } = await exchange(
    'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n',
    'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n',
    afterHead,
  )
  expect(answer.text).toMatch(/content-length: 1000\r\n/i)
  expect(answer.text).toMatch(/\r\n\r\n$/)
  expect(upstream.requests()[0]?.method).toBe('HEAD')
})

describe('T038 of interim answers', () => {
  const INTERIM =
    'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload, </b>\r\nX-A: 1\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n'
  const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
  const isOver = (text: string) => text.endsWith('ok')

  it('hands the links of 103 on, and nothing else', async () => {
    const { answer, events } = await exchange(INTERIM + ANSWER, GET, isOver)
    expect(answer.text).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>; rel=preload, <\/b>\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
    )
    expect(answer.text.match(/HTTP\/1\.1/g)).toHaveLength(2)
    expect(events[0]).toMatchObject({ status: 200 })
  })

  it('hands none on to a client of HTTP/1.0', async () => {
    const { answer } = await exchange(INTERIM + ANSWER, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n', isOver)
    expect(answer.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200'])
  })

  it.each(['garbage', '</a>; title="a b"', '</a', '</a>\x01'])(
    'drops links that are none: %j',
    async (link) => {
      const hints = `HTTP/1.1 103 Early Hints\r\nLink: ${link}\r\n\r\n`
      const { answer } = await exchange(hints + ANSWER, GET, (text) => /ok$|\}$/.test(text))
      expect(answer.text).not.toContain('Early Hints')
    },
  )

  it('hands no link on that holds the credential', async () => {
    const { answer } = await exchange(
      ({ values }) => {
        const [token = ''] = values('authorization')
        const hint = `</a?t=${token.slice(7)}>`
        return `HTTP/1.1 103 Early Hints\r\nLink: ${hint}\r\nLink: </b>\r\n\r\n${ANSWER}`
      },
      GET,
      isOver,
    )
    expect(answer.text).toContain('</b>')
    expect(answer.text).not.toContain('eyJ')
  })

  it.each([
    ['a request without a body', GET],
    ['an upload', 'POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 3\r\n\r\nabc'],
  ])('takes 100 that nobody asked for after %s for no answer', async (_case, request) => {
    const { answer } = await exchange(`HTTP/1.1 100 Continue\r\n\r\n${ANSWER}`, request, isOver)
    expect(answer.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200'])
  })
})

describe('trailers', () => {
  it('of an answer end here', async () => {
    const { answer } = await exchange(
      'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n',
      GET,
      (text) => text.endsWith('0\r\n\r\n'),
    )
    expect(answer.text).toContain('ok')
    expect(answer.text).not.toMatch(/x-sum|trailer/i)
  })

  it('of a request end here', async () => {
    const { answer, upstream } = await exchange(
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
      'POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n',
      (text) => text.endsWith('ok'),
    )
    expect(answer.status).toBe(200)
    const [request] = upstream.requests()
    expect(request?.bytes.toString('latin1')).not.toMatch(/x-sum|trailer/i)
  })
})

it('leaves a reason out that a client could not read', async () => {
  const { answer } = await exchange(
    'HTTP/1.1 200 O\x01K\r\ncontent-length: 2\r\n\r\nok',
    GET,
    (text) => /ok$|\}$/.test(text),
  )
  expect(answer.text).not.toContain('\x01')
  expect(answer.text).toMatch(/ok$|\}$/)
})

it('passes a body without a length on, in chunks', async () => {
  const { answer } = await exchange(
    (_request, socket) => {
      socket.end('HTTP/1.0 200 OK\r\nx: 1\r\n\r\nuntil the end')
      return undefined
    },
    GET,
    (text) => text.endsWith('0\r\n\r\n'),
  )
  expect(answer.text).toMatch(/transfer-encoding: chunked/i)
  expect(answer.text).toContain('until the end')
})

describe('T039 an event stream', () => {
  const STREAM = [
    'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n',
    ...Array<string>(5).fill('c\r\ndata: tick\n\n\r\n'),
  ]
  /** How many of them have arrived. */
  const pieces = (text: string) =>
    text.includes('\r\n\r\n') ? 1 + (text.match(/data: tick/g)?.length ?? 0) : 0

  it('arrives event by event, its head at once', async () => {
    let arrived = ''
    const isPassedOn: boolean[] = []
    await exchange(
      async (_request, socket) => {
        for (const piece of STREAM) {
          const before = pieces(arrived)
          socket.write(piece)
          // nothing more is said until the client has it
          isPassedOn.push(await settled(() => pieces(arrived) > before, Boolean, 2000))
        }
        return '0\r\n\r\n'
      },
      GET,
      (text) => {
        arrived = text
        return text.endsWith('0\r\n\r\n')
      },
    )
    expect(isPassedOn).toEqual(STREAM.map(() => true))
  })
})
