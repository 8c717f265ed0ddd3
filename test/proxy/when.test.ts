import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const secret = hmacSecret()

function policy({ when = '', inject = '' }): string {
  return `
name: signed
${when && `when: "${when}"`}
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
inject: { location: header, name: x-user${inject} }
`
}

async function send(policies: string, fields: string, unmatched = 'forward') {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies,
    gateway: `routes: [{ name: all, upstream: "${upstream.url}", unmatched: ${unmatched} }]`,
    variables: { SECRET: secret },
  })
  const reply = await rawRequest(proxy.port, `GET /a HTTP/1.1\r\nHost: a\r\n${fields}\r\n`, {
    until: (text) => /ok$|\}$/.test(text),
  })
  await upstream.close()
  return { reply, seen: upstream.requests(), events: proxy.requests() }
}

const ON_WHEN_ASKED = "#[attributes.headers.`x-sign` = 'yes']"

describe('when', () => {
  it('puts the token on a request for which it is true', async () => {
    const { seen, events } = await send(
      policy({ when: ON_WHEN_ASKED }),
      'X-Sign: yes\r\nX-User: mallory\r\n',
    )
    expect(seen[0]?.values('x-user')).toEqual([expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/)])
    expect(events[0]?.policies.map(({ applied }) => applied)).toEqual([true])
  })

  it("T004 takes the client's own value away where it is false", async () => {
    const { seen, events } = await send(
      policy({ when: ON_WHEN_ASKED }),
      'X-User: mallory\r\nX_User: mallory\r\n',
    )
    expect(seen).toHaveLength(1)
    expect(seen[0]?.bytes.toString()).not.toContain('mallory')
    expect(events[0]?.policies.map(({ applied }) => applied)).toEqual([false])
  })

  it('leaves it where it is false and only an absent value would be filled in', async () => {
    const { seen } = await send(
      policy({ when: ON_WHEN_ASKED, inject: ', overwrite: ifAbsent' }),
      'X-User: own\r\n',
    )
    expect(seen[0]?.values('x-user')).toEqual(['own'])
  })

  it('refuses the request when it does not give a boolean', async () => {
    const { reply, seen, events } = await send(policy({ when: '#[attributes.method]' }), '')
    expect(reply.status).toBe(500)
    expect(seen).toEqual([])
    expect(events[0]?.error).toMatchObject({ code: 'expr/failed', place: { policy: 'signed' } })
  })

  it('counts as no policy where it is false and the route rejects what no policy applies to', async () => {
    const { reply, seen, events } = await send(policy({ when: ON_WHEN_ASKED }), '', 'reject')
    expect(reply.status).toBe(404)
    expect(seen).toEqual([])
    expect(events[0]?.error?.code).toBe('route/none')
  })
})
