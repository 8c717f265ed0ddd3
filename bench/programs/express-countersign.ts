import express from 'express'
import { listen } from './listen.ts'

// Ours in an Express application: express-countersign.ts EXPRESS_HOST FOLDER
const [host = '', folder = ''] = process.argv.slice(2)
const { countersign, proxy } = (await import(host)) as typeof import('countersign/express')
const sign = countersign({
  config: `${folder}/countersign.yaml`,
  policies: `${folder}/policies`,
  observe: () => {},
})
await sign.ready
const app = express()
app.disable('x-powered-by')
app.use(sign, proxy())
listen(app)
