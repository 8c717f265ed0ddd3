import { createPrivateKey, createSecretKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent, type IncomingMessage } from 'node:http'
import express from 'express'
import { createProxyMiddleware, fixRequestBody } from 'http-proxy-middleware'
import { SignJWT } from 'jose'
import jsonata from 'jsonata'
import { CLAIMS } from '../token-shape.ts'
import { listen } from './listen.ts'

// Express and http-proxy-middleware with JSONata and jose: expressions compiled once, the key imported once,
// connections kept, tokens reused when every claim is equal.
//   express-hpm.ts UPSTREAM ALGORITHM KEY_FILE REUSES PLACE
const [upstream = '', algorithm = '', file = '', reuses, place] = process.argv.slice(2)

const LIFETIME = 300
const REUSED = 240
const MOST = 20_000

const keyText = readFileSync(file, 'utf8')
const key = algorithm === 'HS256' ? createSecretKey(keyText, 'utf8') : createPrivateKey(keyText)
const header = { alg: algorithm, kid: 'bench', typ: 'JWT' }
const claims = Object.entries(CLAIMS).map(([name, value]) => {
  const [, source] = /^#\[(.*)\]$/s.exec(value) ?? []
  return { name, value, expression: source === undefined ? undefined : jsonata(source) }
})
const tokens = new Map<string, { readonly token: string; readonly goodUntil: number }>()

async function tokenOf({ headers, method }: IncomingMessage, path: string): Promise<string> {
  const input = { attributes: { headers, method, requestPath: path } }
  const payload: Record<string, unknown> = {}
  for (const { name, value, expression } of claims) {
    payload[name] = expression ? await expression.evaluate(input) : value
  }
  const now = Math.floor(Date.now() / 1000)
  if (reuses !== 'true') return await sign(payload, now)
  const name = JSON.stringify(payload)
  const known = tokens.get(name)
  if (known && now < known.goodUntil) return known.token
  const token = await sign(payload, now)
  if (tokens.size >= MOST) tokens.clear()
  tokens.set(name, { token, goodUntil: now + REUSED })
  return token
}

function sign(payload: Record<string, unknown>, now: number): Promise<string> {
  const jwt = new SignJWT(payload).setProtectedHeader(header)
  return jwt
    .setIssuedAt(now)
    .setExpirationTime(now + LIFETIME)
    .sign(key)
}

const app = express()
app.disable('x-powered-by')
app.disable('etag')
if (place === 'body') app.use(express.json())
app.use(async (request, _response, next) => {
  const token = await tokenOf(request, request.path)
  if (place === 'body') request.body.token = token
  else request.headers.authorization = `Bearer ${token}`
  next()
})
app.use(
  createProxyMiddleware({
    target: upstream,
    agent: new Agent({ keepAlive: true, maxSockets: 256 }),
    ...(place === 'body' && { on: { proxyReq: fixRequestBody } }),
  }),
)
listen(app)
