import { createServer } from 'node:http'
import express from 'express'
import fc from 'fast-check'
import { importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { createManagement, type ManagementSource, management } from '../../src/admin/index.ts'
import { ALGORITHM_NAMES } from '../../src/keys/index.ts'
import type { JsonObject } from '../../src/types.ts'
import { ecKeys } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { anyJwk, loadedKeys, privateMembers } from '../support/private-members.ts'
import { rawRequest } from '../support/raw-client.ts'

const keys = ecKeys()
const PUBLIC_JWK = { ...keys.publicJwk, kid: 'one', alg: 'ES256' } as unknown as JsonObject
const JWKS = '/.well-known/jwks.json'
const DISCOVERY = '/.well-known/openid-configuration'

async function start(source: Partial<ManagementSource> = {}) {
  const server = createManagement({
    isReady: () => true,
    publicKeys: () => [PUBLIC_JWK],
    jwks: () => ({ maxAge: 60, issuer: 'https://gateway.example/' }),
    ...source,
  })
  const port = await listening(server)
  return {
    port,
    get: (path: string, headers: Record<string, string> = {}, method = 'GET') =>
      fetch(`http://127.0.0.1:${port}${path}`, { method, headers }),
  }
}

/** The answer to a request as a cache would send it, byte for byte. */
async function ask(port: number, path: string, ...lines: string[]) {
  const request = [`GET ${path} HTTP/1.1`, 'host: a', 'connection: close', ...lines, '', '']
  return rawRequest(port, request.join('\r\n'))
}

describe('the JWK set', () => {
  it('holds public keys that other libraries import', async () => {
    const { get } = await start()
    const answer = await get(JWKS)
    expect(answer.headers.get('content-type')).toBe('application/jwk-set+json')
    const { keys } = (await answer.json()) as { keys: JsonObject[] }
    expect(keys).toMatchObject([{ kid: 'one', kty: 'EC' }])
    expect(keys[0]).not.toHaveProperty('d')
    await expect(importJWK(keys[0] as never)).resolves.toMatchObject({ type: 'public' })
  })

  it.each([
    ['as long as configured', { jwks: () => ({ maxAge: 60 }) }, 'public, max-age=60'],
    ['not at all before the files are loaded', { jwks: () => undefined }, 'no-store'],
  ])('may be kept %s', async (_, source, expected) => {
    const { get } = await start(source)
    expect((await get(JWKS)).headers.get('cache-control')).toBe(expected)
  })

  it('answers HEAD with the head of GET', async () => {
    const { get } = await start()
    const [head, full] = [await get(JWKS, {}, 'HEAD'), await get(JWKS)]
    expect(await head.text()).toBe('')
    for (const name of ['etag', 'content-length', 'content-type', 'cache-control']) {
      expect(head.headers.get(name)).toBe(full.headers.get(name))
    }
  })
})

describe.each([JWKS, DISCOVERY])('%s', (path) => {
  it('has a strong ETag that changes with its content, and only then', async () => {
    let published = [PUBLIC_JWK]
    const { get } = await start({ publicKeys: () => published })
    const tags = [await get(path), await get(path)].map(({ headers }) => headers.get('etag'))
    published = [{ ...PUBLIC_JWK, kid: 'two', alg: 'ES384' }]
    const changed = (await get(path)).headers.get('etag')
    expect(tags[0]).toMatch(/^"[\w-]+"$/)
    expect(tags[1]).toBe(tags[0])
    expect(changed).not.toBe(tags[0])
  })

  it.each([
    ['the ETag', (tag: string) => tag, 304],
    ['the ETag as a weak one', (tag: string) => `W/${tag}`, 304],
    ['a list that holds it', (tag: string) => `"other", ${tag} ,W/"third"`, 304],
    ['any', () => '*', 304],
    ['another ETag', () => '"other"', 200],
    ['a part of the ETag', (tag: string) => `${tag.slice(0, -2)}"`, 200],
    ['the ETag without quotes', (tag: string) => tag.slice(1, -1), 200],
    ['nothing', () => '', 200],
  ])('asked with If-None-Match of %s answers as RFC 9110 says', async (_, write, status) => {
    const { port, get } = await start()
    const etag = String((await get(path)).headers.get('etag'))
    const answer = await ask(port, path, `if-none-match: ${write(etag)}`)
    expect(answer.status).toBe(status)
    const [head = '', body] = answer.text.split('\r\n\r\n')
    expect(head).toContain(`\r\nETag: ${etag}`)
    expect(head).toContain('\r\nCache-Control: public, max-age=60\r\n')
    const hasContent = /\r\nContent-(?:Type|Length):/.test(head)
    if (status === 304) expect([body, hasContent]).toEqual(['', false])
    else expect(JSON.parse(String(body))).toBeTypeOf('object')
  })
})

describe('the discovery document', () => {
  it('leads from the issuer to the JWK set', async () => {
    const rsa = { kty: 'RSA', n: 'AQ', e: 'AQAB', kid: 'r', alg: 'RS256' }
    const { get } = await start({
      publicKeys: () => [PUBLIC_JWK, rsa, { ...rsa, alg: 'PS256' }, rsa],
    })
    const answer = await get(DISCOVERY)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.json()).toEqual({
      issuer: 'https://gateway.example/',
      jwks_uri: 'https://gateway.example/.well-known/jwks.json',
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256', 'RS256', 'PS256'],
    })
  })

  it('names the address of the set as it is configured', async () => {
    const uri = 'https://keys.example/set'
    const { get } = await start({ jwks: () => ({ maxAge: 60, issuer: 'https://a.example', uri }) })
    expect(await (await get(DISCOVERY)).json()).toMatchObject({ jwks_uri: uri })
  })

  it('is not there without an issuer', async () => {
    const { get } = await start({ jwks: () => ({ maxAge: 60 }) })
    const answer = await get(DISCOVERY)
    expect([answer.status, await answer.text()]).toEqual([404, 'not found\n'])
  })

  it("leaves the application's own alone when there is no issuer", async () => {
    const app = express()
      .use(management({ isReady: () => true, publicKeys: () => [], jwks: () => undefined }))
      .get(DISCOVERY, (_request, response) => void response.send('own'))
    const port = await listening(createServer(app))
    const answer = await fetch(`http://127.0.0.1:${port}${DISCOVERY}`)
    expect([await answer.text(), answer.headers.get('content-security-policy')]).toEqual([
      'own',
      null,
    ])
  })
})

describe('what is served of any key', () => {
  it('never holds a private member', async () => {
    let publicKeys: readonly JsonObject[] = []
    const { get } = await start({ publicKeys: () => publicKeys })
    const loaded = await loadedKeys(ALGORITHM_NAMES)
    const real = loaded.flatMap(({ publicJwk }) => (publicJwk ? [publicJwk] : []))
    await fc.assert(
      fc.asyncProperty(fc.array(anyJwk, { maxLength: 5 }), async (jwks) => {
        publicKeys = [...jwks, ...real]
        for (const path of [JWKS, DISCOVERY]) {
          const text = await (await get(path)).text()
          expect(text).not.toContain('PRIVATE')
          expect(privateMembers(JSON.parse(text))).toEqual([])
        }
      }),
      { numRuns: 50 },
    )
  })
})
