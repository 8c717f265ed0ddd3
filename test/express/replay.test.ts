import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import express, { type Express } from 'express'
import { createProxyMiddleware } from 'http-proxy-middleware'
import { describe, expect, it } from 'vitest'
import { systemEnvironment } from '../../src/environment.ts'
import { countersign } from '../../src/hosts/express.ts'
import type { ObservedEvent } from '../../src/observe.ts'
import { ecKeys } from '../support/keys.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { AT, serve, signing, until } from './host.ts'

const JSON_TYPE = 'content-type: application/json'
const TOKEN = String.raw`eyJ[\w-]+\.[\w-]+\.[\w-]+`

/** One request with a body under `framing`, on a connection that stays open. */
function post(framing: 'length' | 'chunked', body: string, type = JSON_TYPE): string {
  const head = `POST /orders HTTP/1.1\r\nHost: a\r\nX-User: ann\r\n${type}\r\n`
  if (framing === 'length') return `${head}content-length: ${body.length}\r\n\r\n${body}`
  const size = body.length.toString(16)
  return `${head}transfer-encoding: chunked\r\n\r\n${size}\r\n${body}\r\n0\r\n\r\n`
}

type Reader = (message: IncomingMessage, response: ServerResponse, next: () => void) => void

const answerText = (response: ServerResponse) => (body: string) => void response.end(body)

/** Handlers that read a body each in its own way and answer with what they read. */
const readers: Readonly<Record<string, Reader>> = {
  'express.json()': parsed(express.json()),
  'express.text()': parsed(express.text({ type: () => true })),
  'express.raw()': parsed(express.raw({ type: () => true })),
  'stream consumers': (message, response) => void text(message).then(answerText(response)),
  'async iteration': async (message, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of message) chunks.push(chunk)
    response.end(Buffer.concat(chunks))
  },
  'data and end events': (message, response) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => response.end(Buffer.concat(chunks)))
  },
  'readable events': (message, response) => {
    const chunks: Buffer[] = []
    message.on('readable', () => {
      for (let chunk = message.read(); chunk !== null; chunk = message.read()) chunks.push(chunk)
    })
    message.on('end', () => response.end(Buffer.concat(chunks)))
  },
  pipe: (message, response) => void message.pipe(response),
  'setEncoding, later': (message, response) => {
    message.setEncoding('utf8')
    setTimeout(() => void text(message).then(answerText(response)), 20)
  },
}

function parsed(parser: ReturnType<typeof express.json>): Reader {
  return (message, response) => {
    const request = message as IncomingMessage & { body?: unknown }
    parser(message as never, response as never, (error) => {
      if (error) throw error
      const { body } = request
      response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body))
    })
  }
}

describe.each(Object.entries(readers))('a body that was edited, read by %s', (_name, reader) => {
  it.each(['length', 'chunked'] as const)('is the edited one, sent with %s', async (framing) => {
    const lengths: unknown[] = []
    const port = await serve(
      inFrontOf(await signing(AT.json), (message, response, next) => {
        lengths.push(message.headers['content-length'], message.headers['transfer-encoding'])
        reader(message, response, next)
      }),
    )
    const one = post(framing, '{"a":1,"token":"CLIENT"}')
    const reply = await rawRequest(port, [one, one], {
      pause: 100,
      until: (all) => all.match(new RegExp(`"token":"${TOKEN}"`, 'g'))?.length === 2,
    })
    expect(reply.text).not.toContain('CLIENT')
    expect(reply.ended).toBe('until')
    const body = new RegExp(String.raw`\{"a":1,"token":"${TOKEN}"\}`).exec(reply.text)?.[0] ?? ''
    expect(lengths).toEqual([String(body.length), undefined, String(body.length), undefined])
  })
})

it('leaves the connection usable when the handler never reads the edited body', async () => {
  const port = await serve(
    inFrontOf(await signing(AT.json), (_message, response) => void response.end('unread')),
  )
  const one = post('length', '{"a":1}')
  const reply = await rawRequest(port, [one + one, one], {
    pause: 100,
    until: (all) => all.match(/unread/g)?.length === 3,
  })
  expect(reply.ended).toBe('until')
})

it('gives a chunked body of no bytes as no body', async () => {
  const policy = `${AT.header.replace('sub:', 'jti: "#[$bodyHash()]"\n  sub:')}`
  const seen: unknown[] = []
  const port = await serve(
    inFrontOf(await signing(policy), async (message, response) => {
      seen.push(await text(message), message.headers['transfer-encoding'])
      response.end('read')
    }),
  )
  const empty =
    'POST / HTTP/1.1\r\nHost: a\r\nX-User: ann\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'
  const reply = await rawRequest(port, empty, { until: (all) => all.endsWith('read') })
  expect(reply.text).toContain('read')
  expect(seen).toEqual(['', undefined])
})

it('gives an edited body to http-proxy-middleware', async () => {
  const upstream = await recordingUpstream()
  const app = express()
  app.use(await signing(AT.json), createProxyMiddleware({ target: upstream.url }))
  const port = await serve(app)
  const one = post('chunked', '{"a":1}')
  await rawRequest(port, [one, one], { pause: 100, until: (all) => all.split('ok').length === 3 })
  await upstream.close()
  expect(upstream.requests()).toHaveLength(2)
  for (const request of upstream.requests()) {
    expect(request.body.toString()).toMatch(new RegExp(`^\\{"a":1,"token":"${TOKEN}"\\}$`))
    expect(request.values('transfer-encoding')).toEqual([])
    expect(request.values('content-length')).toEqual([String(request.body.length)])
  }
})

it('does not call the handler when the client went away while the body was awaited', async () => {
  const middleware = await signing(AT.json)
  let called = false
  const port = await serve(
    inFrontOf(middleware, (_message, response) => {
      called = true
      response.end()
    }),
  )
  const whole = post('length', '{"a":1}')
  await rawRequest(port, whole.slice(0, -2), { timeout: 100 })
  await until(() => middleware.events.length === 1)
  expect(middleware.events[0]?.error?.code).toBe('request/aborted')
  expect(called).toBe(false)
})

it('does not call the handler when the client went away while the files were loaded', async () => {
  const policy = AT.header.replace('{ env: KEY }', '{ file: key.pem }')
  const folder = await tempFolder({ 'test.yaml': policy, 'key.pem': ecKeys().pkcs8 })
  const { promise: loading, resolve: load } = Promise.withResolvers<void>()
  const events: ObservedEvent[] = []
  const middleware = countersign({
    policies: folder.path,
    watch: false,
    observe: (event) => void events.push(event),
    environment: {
      ...systemEnvironment(),
      async readFile(path) {
        await loading
        return await systemEnvironment().readFile(path)
      },
    },
  })
  let called = false
  let gone = false
  const port = await serve((message, response) => {
    response.once('close', () => {
      gone = true
    })
    middleware(message, response, () => {
      called = true
    })
  })
  await rawRequest(port, 'GET / HTTP/1.1\r\nHost: a\r\nX-User: ann\r\n\r\n', { timeout: 100 })
  await until(() => gone)
  load()
  await until(() => events.some(({ type }) => type === 'request'))
  expect(events.at(-1)).toMatchObject({ status: 499, error: { code: 'request/aborted' } })
  expect(called).toBe(false)
})

const early: Readonly<Record<string, (app: Express) => void>> = {
  'express.json()': (app) => app.use(express.json()),
  'a handler that reads': (app) =>
    app.use((message, _response, next) => {
      message.resume().on('end', next)
    }),
  'a handler that began to read': (app) =>
    app.use((message, _response, next) => {
      message.on('data', () => {})
      next()
    }),
  'a handler that set an encoding': (app) =>
    app.use((message, _response, next) => {
      message.setEncoding('utf8')
      next()
    }),
}

it.each(Object.entries(early))('refuses at once with internal after %s', async (_name, use) => {
  const app = express()
  use(app)
  const middleware = await signing(AT.json)
  app.use(middleware, () => expect.unreachable())
  const reply = await rawRequest(await serve(app), post('length', '{"a":1}'), {
    until: (all) => all.includes('"code"'),
  })
  expect(reply.status).toBe(500)
  expect(reply.text).toContain('"code":"internal"')
  expect(middleware.events[0]?.error?.message).toContain('before body parsers')
})

it('does not mind an earlier body parser when no policy needs the body', async () => {
  const app = express()
  app.use(express.json(), await signing(AT.header))
  app.use((request, response) => void response.json({ body: request.body }))
  const reply = await rawRequest(await serve(app), post('length', '{"a":1}'), {
    until: (all) => all.endsWith('}}'),
  })
  expect(reply.text).toContain('{"body":{"a":1}}')
})

function inFrontOf(middleware: Reader, handler: Reader): RequestListener {
  return (message, response) =>
    middleware(message, response, () => handler(message, response, () => {}))
}
