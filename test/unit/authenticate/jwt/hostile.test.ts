import { createServer } from 'node:http'
import { beforeAll, describe, expect, it } from 'vitest'
import { listening } from '../../../support/listening.ts'
import { examiner } from './authenticator-under-test.ts'
import { hostileTokens } from './hostile-tokens.ts'
import {
  CONFIGS,
  type ConfigName,
  claims,
  es256,
  hs256,
  jws,
  rs256,
  tokenOfLength,
} from './inbound-token.ts'

type Examiner = Awaited<ReturnType<typeof examiner>>

const examiners = new Map<ConfigName, Examiner>()

beforeAll(async () => {
  for (const name of Object.keys(CONFIGS) as ConfigName[]) {
    examiners.set(name, await examiner(CONFIGS[name]))
  }
})

function examine(by: ConfigName, token: string) {
  return (examiners.get(by) as Examiner).examine(token)
}

describe('a jwt authenticator', () => {
  it.each<[ConfigName, string]>([
    ['hs', jws({ alg: 'HS256', typ: 'JWT' }, claims())],
    ['hs', tokenOfLength(16 * 1024)],
    ['rs', jws({ alg: 'RS256', typ: 'JWT' }, claims(), rs256())],
    ['es', jws({ alg: 'ES256', typ: 'JWT' }, claims(), es256())],
    ['jwks', jws({ alg: 'RS256', kid: 'rsa-1' }, claims(), rs256())],
    ['jwks', jws({ alg: 'ES256', kid: 'ec-1' }, claims(), es256())],
    ['jwks', jws({ alg: 'HS256', kid: 'hmac-1' }, claims(), hs256())],
  ])('accepts the tokens that the hostile ones are made of: %s', async (by, token) => {
    expect(await examine(by, token)).toMatchObject({ caller: { principal: 'ann' } })
  })

  it.each(hostileTokens)('refuses $title', async ({ token, by = 'hs', reason, field, foreign }) => {
    const refused = { reason, ...(field && { field }), ...(foreign && { foreign }) }
    expect(await examine(by, token)).toEqual({ refused })
  })

  it('has at least 60 hostile tokens, no two of them the same for one authenticator', () => {
    const texts = new Set(hostileTokens.map(({ by = 'hs', token }) => `${by} ${token}`))
    expect(texts.size).toBeGreaterThanOrEqual(60)
    expect(texts.size).toBe(hostileTokens.length)
  })

  it.each(['jku', 'x5u', 'jwk', 'x5c'])('T099 connects to nothing that %s names', async (name) => {
    let connections = 0
    const server = createServer((_request, response) => response.end('{"keys":[]}'))
    server.on('connection', () => {
      connections += 1
    })
    const url = `http://127.0.0.1:${await listening(server)}/jwks.json`
    for (const value of [url, [url], { url, x5u: url, jku: url }]) {
      const header = { alg: 'RS256', kid: url, [name]: value }
      const foreign = jws(header, claims({ iss: url }), rs256())
      expect(await examine('rs', jws(header, claims(), rs256()))).toEqual({
        refused: { reason: 'header' },
      })
      expect(await examine('rs', foreign)).toHaveProperty('refused.reason', 'issuer')
    }
    // the server would have noticed: it answers
    expect((await fetch(url)).status).toBe(200)
    expect(connections).toBe(1)
  })
})
