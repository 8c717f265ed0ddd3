// The token of a request: bench/token-shape.ts in njs, whose versions in Debian know no destructuring.
// biome-ignore lint/style/useNodejsImportProtocol: njs knows its own modules only
import fs from 'fs'

const IMPORTED = {
  HS256: { name: 'HMAC', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
}
const SIGNED = {
  HS256: { name: 'HMAC' },
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5' },
}

async function sign(r) {
  const settings = JSON.parse(fs.readFileSync(r.variables.bench_settings))
  const algorithm = settings.algorithm
  const key = await importKey(algorithm, fs.readFileSync(settings.file))
  const input = `${encode({ alg: algorithm, kid: 'bench', typ: 'JWT' })}.${encode(claims(r))}`
  const bytes = await crypto.subtle.sign(SIGNED[algorithm], key, Buffer.from(input))
  r.variables.token = `${input}.${Buffer.from(bytes).toString('base64url')}`
  r.internalRedirect('@upstream')
}

function importKey(algorithm, text) {
  const format = algorithm === 'HS256' ? 'raw' : 'pkcs8'
  const bytes = format === 'raw' ? text : derOf(text.toString())
  return crypto.subtle.importKey(format, bytes, IMPORTED[algorithm], false, ['sign'])
}

function derOf(pem) {
  return Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
}

function claims(r) {
  const headers = r.headersIn
  const iat = Math.floor(Date.now() / 1000)
  return {
    iss: 'bench',
    aud: 'https://upstream.example',
    env: 'prod',
    sub: headers['x-user'],
    tenant: headers['x-tenant'],
    role: headers['x-role'],
    method: r.method,
    path: r.uri,
    region: headers['x-region'] || 'eu',
    plan: headers['x-plan'].toUpperCase(),
    iat,
    exp: iat + 300,
  }
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

export default { sign }
