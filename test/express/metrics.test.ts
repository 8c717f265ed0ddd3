import express from 'express'
import request from 'supertest'
import { expect, it } from 'vitest'
import { createMetrics, management, observeAll } from '../../src/index.ts'
import { AT, signing } from './host.ts'

it('are those of the middleware beside its health', async () => {
  const metrics = createMetrics({ now: Date.now, version: '1', node: '0' })
  const sign = await signing(AT.header, { observe: observeAll([metrics.observe]) })
  const app = express()
    .use(management({ ...sign, metrics: metrics.text }))
    .use(sign, (_message, response) => void response.send('own'))
  await request(app).get('/orders').set('x-user', 'ann').expect(200)
  const { text } = await request(app).get('/metrics').expect(200)
  const labels = 'policy="test",code_class="2xx",outcome="applied"'
  expect(text).toContain(`countersign_requests_total{${labels}} 1\n`)
  expect(text).toContain('countersign_config_generation 1\n')
  await request(app).get('/readyz').expect(200)
})
