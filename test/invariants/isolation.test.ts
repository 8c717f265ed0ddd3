import fc from 'fast-check'
import { createVerifier } from 'fast-jwt'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ecKeys, hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

/** Two policies, of which the later reads the token of the earlier: one reuses its tokens, one signs each time. */
const policies = (generation: number) => [
  `
name: reused
match: { path: "/{who}" }
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  iss: generation-${generation}
  sub: "#[attributes.headers.\`x-caller\`]"
  customClaims:
    - { name: path, value: "#[attributes.uriParams.who]" }
    - { name: query, value: "#[$uppercase($lowercase(attributes.queryParams.q))]" }
    - { name: body, value: "#[payload.list.who[0]]" }
saveAs: first
`,
  `
name: signed
order: 60
match: { path: "/{who}" }
jwt:
  signingMethod: ES256
  privateKey: { env: KEY }
  exp: 300
  singleUse: true
  iss: generation-${generation}
  sub: "#[tokens.first.claims.sub]"
  customClaims: [{ name: caller, value: "#[authentication]" }]
inject: { location: body, name: /token }
`,
]

const gateway = (upstream: string) => `
routes:
  - { name: all, upstream: "${upstream}", authenticate: [front] }
authenticators:
  front: { trustedHeader: { name: x-front, from: [127.0.0.0/8] } }
`

/** Fewer callers than requests, so that tokens are reused. */
const CALLERS = 40

/** Requests one after another on one connection, cut where the network might cut them. */
interface Connection {
  readonly callers: readonly number[]
  readonly cuts: readonly number[]
}

const connections: fc.Arbitrary<readonly Connection[]> = fc.array(
  fc.record({
    callers: fc.array(fc.nat(CALLERS - 1), { minLength: 1, maxLength: 6 }),
    cuts: fc.array(fc.nat(2000), { maxLength: 4 }),
  }),
  { minLength: 4, maxLength: 12 },
)

function request(caller: number): string {
  const body = JSON.stringify({ list: [{ who: `C${caller}` }] })
  const fields = [`X-Caller: C${caller}`, `X-Front: C${caller}`, 'Content-Type: application/json']
  return `POST /C${caller}?q=C${caller} HTTP/1.1\r\nHost: a\r\n${fields.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

function pieces({ callers, cuts }: Connection): string[] {
  const bytes = callers.map(request).join('')
  const places = [0, ...cuts.toSorted((a, b) => a - b).filter((at) => at < bytes.length)]
  return places.map((at, index) => bytes.slice(at, places[index + 1]))
}

describe('I5 what a token tells', () => {
  it('is of its own request and of one generation, whoever else asks and however files change', async () => {
    const secret = hmacSecret()
    const upstream = await recordingUpstream(
      ({ target }) => `HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-target: ${target}\r\n\r\n`,
    )
    onTestFinished(upstream.close)
    const proxy = await startProxy({
      policies: policies(0),
      gateway: gateway(upstream.url),
      variables: { SECRET: secret, KEY: ecKeys().pkcs8 },
    })
    let generation = 0
    let sent = 0
    await fc.assert(
      fc.asyncProperty(connections, fc.boolean(), async (list, reloads) => {
        if (reloads) generation += 1
        const changes = policies(generation).map((text, index) =>
          proxy.write(`${index}.yaml`, text),
        )
        await Promise.all(changes)
        const reload = reloads ? proxy.reload() : Promise.resolve(true)
        const replies = await Promise.all(
          list.map((connection) => rawRequest(proxy.port, pieces(connection), { halfClose: true })),
        )
        expect(await reload).toBe(true)
        for (const [index, { text }] of replies.entries()) {
          const told = [...text.matchAll(/^x-target: \/C(\d+)\?/gim)].map(([, who]) => Number(who))
          expect(told).toEqual(list[index]?.callers)
          sent += told.length
        }
      }),
      { numRuns: 12, seed: 5 },
    )

    const reused = createVerifier({ key: secret, algorithms: ['HS256'] })
    const signed = createVerifier({ key: ecKeys().spki, algorithms: ['ES256'] })
    expect(upstream.requests()).toHaveLength(sent)
    for (const { body, target, values } of upstream.requests()) {
      const [, who] = /^\/(C\d+)\?/.exec(target) ?? []
      const [token = ''] = values('authorization').map((value) => value.slice('Bearer '.length))
      const { iss, sub, path, query, body: told } = reused(token)
      expect([sub, path, query, told]).toEqual([who, who, who, who])
      const { token: second, list } = JSON.parse(body.toString())
      expect(list[0].who).toBe(who)
      const claims = signed(second)
      expect([claims.iss, claims.sub, claims.caller.principal]).toEqual([iss, who, who])
    }
  })
})
