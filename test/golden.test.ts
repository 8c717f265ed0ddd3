/*
 * Golden policies: every file of test/policies is one case, run through the real proxy.
 *
 *   policy:   text of a policy file, several documents with ---
 *   gateway:  text of a gateway file, for routes and vars; `UPSTREAM` in it is the upstream's URL
 *   request:  { line: 'GET /path?query', headers: { name: value or list }, body: text }
 *   expect:   what the upstream saw, with «token» in place of the first token, «token 2» of the next one
 *     line:     method and target
 *     headers:  name: value, or null for a header that must not be there
 *     body:     text
 *     tokens:   one entry a token, in the order they are met in the bytes of the request:
 *               { verify: algorithm, header: all of it, claims: all of them }; «thumbprint» is the key's (RFC 7638)
 *   or        { error: code, status, claim, at }, what the caller and the log get while nothing is forwarded
 *   or        { faults: ['rule line:column'] }, when the file must not load
 *
 * Keys stand in the variables GOLDEN_HS256 … GOLDEN_EDDSA, generated for each run. The clock stands at
 * 2026-01-01T00:00:00Z (1767225600), and every UUID is 00000000-0000-4000-8000-000000000000.
 */
import { createPublicKey } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createVerifier } from 'fast-jwt'
import { calculateJwkThumbprint } from 'jose'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigurationError } from '../src/config/index.ts'
import { systemEnvironment } from '../src/environment.ts'
import { ALGORITHM_NAMES } from '../src/keys/index.ts'
import { ecKeys, ed25519Keys, hmacSecret, rsaKeys } from './support/keys.ts'
import { startProxy } from './support/proxy.ts'
import { rawRequest } from './support/raw-client.ts'
import { recordingUpstream } from './support/recording-upstream.ts'

const tokenSchema = z.strictObject({
  verify: z.enum(ALGORITHM_NAMES),
  header: z.record(z.string(), z.json()),
  claims: z.record(z.string(), z.json()),
})
const forwardedSchema = z.strictObject({
  line: z.string().optional(),
  headers: z.record(z.string(), z.string().nullable()).optional(),
  body: z.string().optional(),
  tokens: z.array(tokenSchema),
})
const refusedSchema = z.strictObject({
  error: z.string(),
  status: z.int(),
  claim: z.string().optional(),
  at: z.string().optional(),
})
const goldenSchema = z.strictObject({
  description: z.string(),
  policy: z.string(),
  gateway: z.string().optional(),
  request: z
    .strictObject({
      line: z.string().regex(/^[A-Z]+ \/\S*$/),
      headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
      body: z.string().optional(),
    })
    .optional(),
  expect: z.union([
    forwardedSchema,
    refusedSchema,
    z.strictObject({ faults: z.array(z.string()) }),
  ]),
})
type Golden = z.infer<typeof goldenSchema>

const NOW = Date.parse('2026-01-01T00:00:00Z')
const FOLDER = new URL('policies/', import.meta.url)
const environment = {
  ...systemEnvironment(),
  now: () => NOW,
  uuid: () => '00000000-0000-4000-8000-000000000000',
  random: (length: number) => Buffer.alloc(length, 7),
}
const keys = Object.fromEntries(ALGORITHM_NAMES.map((name) => [name, keyFor(name)]))
const variables = Object.fromEntries(
  ALGORITHM_NAMES.map((name) => [`GOLDEN_${name.toUpperCase()}`, keys[name] as string]),
)

describe('a golden policy', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))
  const cases = files.map((file) => {
    const golden = goldenSchema.parse(parse(readFileSync(new URL(file, FOLDER), 'utf8')))
    return [file, golden.description, golden] as const
  })

  it.each(cases)('%s: %s', async (_file, _description, golden) => {
    const { expect: expected } = golden
    if ('faults' in expected) expect(await faultsOf(golden)).toEqual(expected.faults)
    else if ('error' in expected) expect(await refusalOf(golden)).toEqual(expected)
    else await checkForwarded(golden, expected)
  })

  it('has a case for every algorithm', () => {
    const signed = cases.flatMap(([, , golden]) =>
      'tokens' in golden.expect ? golden.expect.tokens.map(({ verify }) => verify) : [],
    )
    expect(new Set(signed)).toEqual(new Set(ALGORITHM_NAMES))
  })
})

function keyFor(name: (typeof ALGORITHM_NAMES)[number]): string {
  if (name.startsWith('HS')) return hmacSecret()
  if (name === 'EdDSA') return ed25519Keys().pkcs8
  const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' } as const
  return name in curves ? ecKeys(curves[name as keyof typeof curves]).pkcs8 : rsaKeys().pkcs8
}

async function send({ policy, gateway, request = { line: 'GET /' } }: Golden) {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies: policy,
    ...(gateway === undefined
      ? { upstream: upstream.url }
      : { gateway: gateway.replaceAll('UPSTREAM', upstream.url) }),
    environment,
    variables,
  })
  const { line, headers = {}, body } = request
  const lines = Object.entries({ host: 'golden.example', connection: 'close', ...headers }).flatMap(
    ([name, values]) => [values].flat().map((value) => `${name}: ${value}`),
  )
  const content = Buffer.from(body ?? '')
  if (body !== undefined) lines.push(`content-length: ${content.length}`)
  const head = `${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
  const reply = await rawRequest(proxy.port, Buffer.concat([Buffer.from(head), content]))
  const [event] = await proxy.requestsOnce(1)
  await upstream.close()
  return { reply, event, requests: upstream.requests() }
}

async function faultsOf(golden: Golden): Promise<string[]> {
  const error = await send(golden).catch((thrown: unknown) => thrown)
  if (!(error instanceof ConfigurationError)) throw error
  return error.diagnostics.map(({ rule, line, column }) => `${rule} ${line}:${column}`)
}

async function refusalOf(golden: Golden): Promise<z.infer<typeof refusedSchema>> {
  const { reply, event, requests } = await send(golden)
  expect(requests).toEqual([])
  const { code } = JSON.parse(reply.text.slice(reply.text.indexOf('\r\n\r\n'))) as { code: string }
  const { claim, at } = event?.error?.place ?? {}
  return {
    error: code,
    status: reply.status,
    ...(claim !== undefined && { claim }),
    // without the folder that was made for this run
    ...(at !== undefined && { at: at.replace(/^.*\.yaml:/, '') }),
  }
}

async function checkForwarded(golden: Golden, expected: z.infer<typeof forwardedSchema>) {
  const { reply, requests } = await send(golden)
  expect(reply.status, reply.text).toBe(200)
  const [seen] = requests
  const tokens = [...new Set(seen?.bytes.toString('latin1').match(/eyJ[\w-]+\.eyJ[\w-]*\.[\w-]+/g))]
  const masked = (text: string) =>
    tokens.reduce((rest, token, index) => {
      return rest.replaceAll(token, index === 0 ? '«token»' : `«token ${index + 1}»`)
    }, text)

  const { line, headers = {}, body } = expected
  if (line !== undefined) expect(masked(`${seen?.method} ${seen?.target}`)).toBe(line)
  for (const [name, value] of Object.entries(headers)) {
    expect(seen?.values(name).map(masked), name).toEqual(value === null ? [] : [value])
  }
  if (body !== undefined) expect(masked(seen?.body.toString() ?? '')).toBe(body)
  const verified = tokens.map((token, index) => verify(token, expected.tokens[index]?.verify))
  const wanted = expected.tokens.map(async ({ verify: name, header, claims }) => {
    const kid = header.kid === '«thumbprint»' ? { kid: await thumbprint(name) } : {}
    return { header: { ...header, ...kid }, claims }
  })
  expect(verified).toEqual(await Promise.all(wanted))
}

function verify(token: string, name: keyof typeof keys = 'HS256') {
  const key = keys[name] as string
  const verifier = createVerifier({
    key: name.toString().startsWith('HS') ? key : publicPem(key),
    algorithms: [name as 'HS256'],
    clockTimestamp: NOW,
    complete: true,
  })
  const { header, payload } = verifier(token)
  return { header, claims: payload }
}

function publicPem(privatePem: string): string {
  return createPublicKey(privatePem).export({ type: 'spki', format: 'pem' }).toString()
}

function thumbprint(name: string): Promise<string> {
  return calculateJwkThumbprint(createPublicKey(keys[name] as string))
}
