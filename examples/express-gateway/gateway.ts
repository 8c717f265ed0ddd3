import { type Environment, management } from 'countersign'
import { countersign, proxy } from 'countersign/express'
import express, { type Express } from 'express'

/** An Express gateway that signs what it forwards to `upstream`. */
export function createGateway(upstream: string, environment: Environment): Express {
  const sign = countersign({
    policies: `${import.meta.dirname}/policy.yaml`,
    upstream,
    environment,
  })
  const app = express()
  app.disable('x-powered-by')
  app.use(management(sign)) // health, and the keys that verify: /.well-known/jwks.json
  app.use(sign, proxy()) // before any body parser
  return app
}
