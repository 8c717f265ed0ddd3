import { once } from 'node:events'
import { connect } from 'node:net'
import express, { type ErrorRequestHandler } from 'express'
import { createVerifier } from 'fast-jwt'
import request from 'supertest'
import { describe, expect, it, onTestFinished } from 'vitest'
import { management } from '../../src/admin/index.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { countersign, proxy } from '../../src/hosts/express.ts'
import type { ObservedEvent } from '../../src/observe.ts'
import { ecKeys } from '../support/keys.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { AT, policyAt, serve, signing } from './host.ts'

const verify = createVerifier({ key: ecKeys().spki, complete: true })

it('hands a handler a request that is signed', async () => {
  const app = express().use(await signing(AT.header))
  app.use((message, response) => void response.json(message.headers.authorization))
  const { body } = await request(app).get('/').set('x-user', 'ann').expect(200)
  const { header, payload } = verify(String(body).slice('Bearer '.length))
  expect(header).toMatchObject({ alg: 'ES256', typ: 'JWT' })
  expect(payload).toMatchObject({ sub: 'ann' })
})

it('says once, with places, that the files could not be loaded', async () => {
  const events: ObservedEvent[] = []
  const folder = await tempFolder({ 'policies/test.yaml': 'name: test\nwrong: 1\n' })
  const path = `${folder.path}/policies`
  const middleware = countersign({ policies: path, observe: (event) => void events.push(event) })
  await expect(middleware.ready).rejects.toThrow()
  await request(express().use(middleware)).get('/').expect(503)
  expect(events.filter(({ type }) => type === 'configuration')).toEqual([
    {
      type: 'configuration',
      accepted: false,
      generation: 1,
      policies: 0,
      disabled: 0,
      findings: expect.arrayContaining([
        {
          severity: 'error',
          text: expect.stringMatching(/test\.yaml:2:1: error\[schema\/unknown-key\] [^\n]+$/),
        },
      ]),
    },
  ])
})

it('says that the files are not there', async () => {
  const events: ObservedEvent[] = []
  const folder = await tempFolder({})
  const policies = `${folder.path}/policies`
  const middleware = countersign({ policies, observe: (event) => void events.push(event) })
  await expect(middleware.ready).rejects.toThrow()
  const text = expect.stringMatching(/no such file or folder/)
  expect(events).toMatchObject([{ accepted: false, findings: [{ severity: 'error', text }] }])
})

it.each([
  ['a claim that cannot be made', AT.header, 422, 'claim/missing'],
  ['a body that has no place', AT.json, 415, 'body/media-type'],
  ['no policy', policyAt('{ location: none }', 'match: { path: /elsewhere }'), 404, 'route/none'],
] as const)(
  'answers with a problem document and calls no handler for %s',
  async (_title, policy, status, code) => {
    const middleware = await signing(policy)
    const app = express().use(middleware, () => expect.unreachable())
    const user = code === 'claim/missing' ? {} : { 'x-user': 'ann' }
    const response = await request(app).post('/').set(user).type('text/plain').send('text')
    expect(response.status).toBe(status)
    expect(response.type).toBe('application/problem+json')
    expect(response.body).toMatchObject({ code, status })
    expect(middleware.events).toMatchObject([
      { requestId: response.body.request_id, status, error: { code } },
    ])
  },
)

it('lets a request through that no policy applies to, when told so', async () => {
  const policy = policyAt('{ location: none }', 'match: { path: /elsewhere }')
  const app = express().use(await signing(policy, { unmatched: 'forward' }))
  app.use((_message, response) => void response.end('handled'))
  await request(app).get('/').expect(200, 'handled')
})

it('leaves errors of later handlers to Express', async () => {
  const app = express().use(await signing(AT.header))
  app.use(() => {
    throw new Error('from a handler')
  })
  const onError: ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(500).send(error.message)
  }
  app.use(onError)
  await request(app).get('/').set('x-user', 'ann').expect(500, 'from a handler')
})

it('tells of the request once its answer is out', async () => {
  const middleware = await signing(AT.header)
  const app = express().use('/api', middleware)
  app.use((_message, response) => void response.status(201).end())
  await request(app).get('/api/orders?secret=1').set('x-user', 'ann').expect(201)
  expect(middleware.events).toMatchObject([
    { method: 'GET', path: '/api/orders', status: 201, policies: [{ policy: 'test' }] },
  ])
  expect(middleware.events[0]?.error).toBeUndefined()
})

it('applies each of two middlewares', async () => {
  const second = policyAt('{ location: header, name: x-jwt }')
  const app = express().use(await signing(AT.query), await signing(second))
  app.use((message, response) => void response.json([message.query, message.headers['x-jwt']]))
  const { body } = await request(app).get('/?token=CLIENT').set('x-user', 'ann')
  const [{ token }, jwt] = body
  expect(verify(token).payload).toMatchObject({ sub: 'ann' })
  expect(verify(jwt).payload).toMatchObject({ sub: 'ann' })
})

describe('while the files cannot be loaded', () => {
  it.each([
    ['a folder that is not there', '/nowhere'],
    ['a policy that does not fit the schema', { 'a.yaml': 'name: a\nunknown: 1\n' }],
  ] as const)('answers 503, is not ready and rejects `ready`: %s', async (_why, source) => {
    const policies = typeof source === 'string' ? source : (await tempFolder(source)).path
    const sign = countersign({ policies, watch: false, observe: () => {} })
    const app = express().use(management(sign), sign, () => expect.unreachable())
    const { body } = await request(app).get('/').expect(503).expect('retry-after', '1')
    expect(body.code).toBe('config/unavailable')
    await request(app).get('/readyz').expect(503)
    await expect(sign.ready).rejects.toMatchObject({
      name: expect.stringMatching(/^(?:ConfigurationError|UnreadableError)$/),
    })
    sign.close()
  })
})

it('shows the keys that verify on its management routes', async () => {
  const sign = await signing(AT.header)
  const app = express().use(management(sign))
  const { text } = await request(app).get('/.well-known/jwks.json').expect(200)
  const { x, y } = ecKeys().publicJwk
  expect(JSON.parse(text).keys).toMatchObject([{ kty: 'EC', x, y, alg: 'ES256' }])
  await request(app).get('/readyz').expect(200)
})

it('takes the routes of a gateway file', async () => {
  const [one, two] = [await recordingUpstream(), await recordingUpstream()]
  const gateway = `
routes:
  - { name: one, match: { path: /one }, upstream: { url: "${one.url}/v1", stripPrefix: true } }
  - { name: two, match: { path: /two }, upstream: "${two.url}" }
`
  const app = express().use(await signing(AT.header, { gateway }), proxy())
  await request(app).get('/one/a?b=c').set('x-user', 'ann').expect(200)
  await request(app).get('/two').set('x-user', 'ann').expect(200)
  await request(app).get('/three').set('x-user', 'ann').expect(404)
  expect(one.requests().map(({ target }) => target)).toEqual(['/v1/a?b=c'])
  expect(two.requests().map(({ target }) => target)).toEqual(['/two'])
  await Promise.all([one.close(), two.close()])
})

it('signs a body that ends after the files were read again with the key that serves by then', async () => {
  const upstream = await recordingUpstream()
  onTestFinished(upstream.close)
  let key = ecKeys('P-256', 'old')
  const sign = await signing(
    policyAt('{ location: header, name: token }').replace(
      'attributes.headers.`x-user`',
      'payload.user',
    ),
    {
      upstream: upstream.url,
      environment: { ...systemEnvironment(), variable: () => key.pkcs8 },
    },
  )
  const port = await serve(express().use(sign, proxy()))
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  onTestFinished(() => void socket.destroy())
  const fields = 'Host: a\r\nContent-Type: application/json\r\nContent-Length: 14'
  socket.write(`POST / HTTP/1.1\r\n${fields}\r\nExpect: 100-continue\r\n\r\n`)
  await once(socket, 'data')
  socket.write('{"user":"ann"')
  key = ecKeys('P-256', 'new')
  expect(await (await sign.ready).reload()).toBe(true)
  socket.write('}')
  await once(socket, 'data')
  const [token = ''] = upstream.requests()[0]?.values('token') ?? []
  const { payload } = createVerifier({ key: key.spki, complete: true })(token)
  expect(payload).toMatchObject({ sub: 'ann' })
})
