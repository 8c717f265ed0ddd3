// Compiled, never run: what users write against the built package must have the right types.
import { createServer } from 'node:http'
import { management } from 'countersign'
import { type Countersign, type CountersignOptions, countersign, proxy } from 'countersign/express'
import express, { type RequestHandler } from 'express'

const options: CountersignOptions = { policies: './policies', upstream: 'http://127.0.0.1:9000' }
const sign: Countersign = countersign(options)
const handler: RequestHandler = sign

const app = express()
app.use(management(sign))
app.use(sign, proxy())
app.use('/orders', countersign({ config: './countersign.yaml' }), proxy({}))
app.post('/orders', handler, express.json(), (request, response) => {
  response.json(request.body)
})
app.use(express.Router().use(sign))

createServer((request, response) => {
  sign(request, response, (error) => response.end(String(error)))
  proxy()(request, response)
})

await sign.ready
sign.close()

// @ts-expect-error there is no such setting
countersign({ policy: './policies' })
// @ts-expect-error a policy that fails cannot be let through from here
countersign({ ...options, unmatched: 'ignore' })
// @ts-expect-error the middleware decides where requests go
proxy({ target: 'http://127.0.0.1:9000' })
