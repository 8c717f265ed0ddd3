import express from 'express'
import { expect, it } from 'vitest'
import { proxy } from '../../src/hosts/express.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { policyAt, serve, signing } from './host.ts'

const POLICY = policyAt('{ name: x-jwt }', 'exposeToClient: { header: x-token }')

/** What the caller got and what the upstream saw, of an application that `build` finishes. */
async function exchange(build: (app: express.Express) => void, answer = 'HTTP/1.1 200 OK') {
  const upstream = await recordingUpstream(`${answer}\r\ncontent-length: 2\r\n\r\nok`)
  const app = express()
  app.use(await signing(POLICY, { upstream: upstream.url }))
  build(app)
  const port = await serve(app)
  const { text, status } = await rawRequest(
    port,
    'GET / HTTP/1.1\r\nHost: a\r\nX-User: ann\r\nConnection: close\r\n\r\n',
  )
  await upstream.close()
  const [head = ''] = text.split('\r\n\r\n')
  return { status, head, sent: upstream.requests()[0]?.values('x-jwt')[0] }
}

it("gives the caller the credential with the upstream's answer, in place of every alias", async () => {
  const theirs = 'X_Token: CANARY\r\nCache-Control: public\r\nCDN-Cache-Control: max-age=60'
  const { head, sent } = await exchange((app) => {
    app.use((_request, response, next) => {
      response.setHeader('x-Token-', 'CANARY').setHeader('Surrogate-Control', 'max-age=60')
      next()
    }, proxy())
  }, `HTTP/1.1 404 Theirs\r\n${theirs}`)
  expect(head).toMatch(/^HTTP\/1\.1 404 Theirs\r\n/)
  expect(head.match(/^x.token.*$/gim)).toEqual([`x-token: ${sent}`])
  expect(head.match(/^cache-control.*$/gim)).toEqual(['cache-control: no-store'])
  expect(head).not.toMatch(/CANARY|max-age/)
})

it('gives nothing with an answer of the application itself', async () => {
  const { status, head } = await exchange((app) => {
    app.use((_request, response) => void response.send('ours'))
  })
  expect(status).toBe(200)
  expect(head).not.toMatch(/x-token/i)
})

it('gives nothing with a problem of our own', async () => {
  const { status, head } = await exchange(
    (app) => void app.use(proxy()),
    'HTTP/1.1 200 OK\r\nX-Bad: \x01',
  )
  expect(status).toBe(502)
  expect(head).not.toMatch(/x-token/i)
})
