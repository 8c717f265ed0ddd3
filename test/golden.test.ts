/*
 * Golden policies: every file of test/policies is one case, run through the real proxy.
 *
 *   policy:   text of a policy file, several documents with ---
 *   gateway:  text of a gateway file, for routes, vars and accounts; `UPSTREAM` in it is the upstream's URL
 *   request:  { line: 'GET /path?query', headers: { name: value or list }, body: text }
 *   expect:   what the upstream saw, with «token» in place of the first token, «token 2» of the next one
 *     line:      method and target
 *     headers:   name: value, or null for a header that must not be there
 *     body:      text
 *     tokens:    one entry a token, in the order they are met in the bytes of the request:
 *                { verify: algorithm, header: all of it, claims: all of them }, without verify and header when it is
 *                not signed; { encrypted: { for: recipient, header: all of it } } beside them when it is encrypted
 *     published: the key ids of the JWK set, in its order
 *   or        { error: code, status, claim, at }, what the caller and the log get while nothing is forwarded
 *   or        { faults: ['rule line:column'] }, when the file must not load
 *
 * In a token «thumbprint» is that of its key (RFC 7638), «x5c NAME», «x5t NAME» and «x5t#S256 NAME» belong to the
 * certificate of that name, and «fresh» stands for what is made for each token.
 *
 * The keys are generated for each run and stand in the folder `keys` beside the policy: support/golden-keys.ts has
 * the list. The text ones are variables, too: GOLDEN_ES256_SEC1_PEM is keys/es256.sec1.pem, and GOLDEN_HS256 …
 * GOLDEN_EDDSA are one for every algorithm. The clock stands at 2026-01-01T00:00:00Z (1767225600), and every UUID is
 * 00000000-0000-4000-8000-000000000000.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigurationError } from '../src/config/index.ts'
import { systemEnvironment } from '../src/environment.ts'
import { ALGORITHM_NAMES } from '../src/keys/index.ts'
import { KEY_TYPES } from '../src/keys/key-type.ts'
import { canMakeCertificates } from './support/certificate.ts'
import { makeGoldenKeys } from './support/golden-keys.ts'
import { fillIn, type GoldenToken, goldenTokenSchema, openToken } from './support/golden-token.ts'
import { startProxy } from './support/proxy.ts'
import { rawRequest } from './support/raw-client.ts'
import { recordingUpstream } from './support/recording-upstream.ts'

const forwardedSchema = z.strictObject({
  line: z.string().optional(),
  headers: z.record(z.string(), z.string().nullable()).optional(),
  body: z.string().optional(),
  tokens: z.array(goldenTokenSchema),
  published: z.array(z.string()).optional(),
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
const keys = makeGoldenKeys()
const files = Object.fromEntries(
  Object.entries(keys.files).map(([name, content]) => [`policies/keys/${name}`, content]),
)

/** Key files that only the openssl command makes. */
const FROM_OPENSSL = /\.(?:crt|p12|encrypted\.pem)\b|-with-certificate\.pem/
if (!canMakeCertificates) console.warn('skipped: golden policies with keys that openssl makes')

describe('a golden policy', () => {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))
  const cases = names.map((name) => {
    const golden = goldenSchema.parse(parse(readFileSync(new URL(name, FOLDER), 'utf8')))
    return [name, golden.description, golden] as const
  })

  it.for(cases)('%s: %s', async ([, , golden], { skip }) => {
    skip(!canMakeCertificates && FROM_OPENSSL.test(golden.policy), 'there is no openssl command')
    const { expect: expected } = golden
    if ('faults' in expected) expect(await faultsOf(golden)).toEqual(expected.faults)
    else if ('error' in expected) expect(await refusalOf(golden)).toEqual(expected)
    else await checkForwarded(golden, expected)
  })

  const tokens = cases.flatMap(([, , { expect }]) => ('tokens' in expect ? expect.tokens : []))

  it('has a case for every algorithm', () => {
    const signed = tokens.flatMap(({ verify }) => verify ?? [])
    expect(new Set(signed)).toEqual(new Set(ALGORITHM_NAMES))
  })

  it('has a case for every format of a key', () => {
    const formats = cases.flatMap(([, , { policy }]) => policy.match(/(?<=keyType: )\w+/g) ?? [])
    expect(new Set(formats)).toEqual(new Set(KEY_TYPES))
  })
})

async function send({ policy, gateway, request = { line: 'GET /' } }: Golden) {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies: policy,
    ...(gateway === undefined
      ? { upstream: upstream.url }
      : { gateway: gateway.replaceAll('UPSTREAM', upstream.url) }),
    ...(/\bkeys\//.test(policy + gateway) && { files }),
    environment,
    variables: keys.variables,
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
  return { reply, event, requests: upstream.requests(), managementUrl: proxy.managementUrl }
}

async function faultsOf(golden: Golden): Promise<string[]> {
  const error = await send(golden).catch((thrown: unknown) => thrown)
  if (!(error instanceof ConfigurationError)) throw error
  // the upstream of every golden is on this machine
  return error.diagnostics
    .filter(({ rule }) => rule !== 'upstream/private-address')
    .map(({ rule, line, column }) => `${rule} ${line}:${column}`)
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

/** A signed token has three parts, an encrypted one five; both begin with a JSON object in base64url. */
const TOKEN = /eyJ[\w-]+(?:\.[\w-]*){2}(?:(?:\.[\w-]*){2})?/g

async function checkForwarded(golden: Golden, expected: z.infer<typeof forwardedSchema>) {
  const { reply, requests, managementUrl } = await send(golden)
  expect(reply.status, reply.text).toBe(200)
  const [seen] = requests
  const tokens = [...new Set(seen?.bytes.toString('latin1').match(TOKEN))]
  const masked = (text: string) =>
    tokens.reduce((rest, token, index) => {
      return rest.replaceAll(token, index === 0 ? '«token»' : `«token ${index + 1}»`)
    }, text)

  const { line, headers = {}, body, published } = expected
  if (line !== undefined) expect(masked(`${seen?.method} ${seen?.target}`)).toBe(line)
  for (const [name, value] of Object.entries(headers)) {
    expect(seen?.values(name).map(masked), name).toEqual(value === null ? [] : [value])
  }
  if (body !== undefined) expect(masked(seen?.body.toString() ?? '')).toBe(body)
  expect(tokens).toHaveLength(expected.tokens.length)
  for (const [index, token] of tokens.entries()) {
    const wanted = expected.tokens[index] as GoldenToken
    expect(openToken(token, wanted, keys, NOW)).toEqual(await fillIn(wanted, keys))
  }
  if (published === undefined) return
  const set = await (await fetch(`${managementUrl}/.well-known/jwks.json`)).json()
  expect((set as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)).toEqual(published)
}
