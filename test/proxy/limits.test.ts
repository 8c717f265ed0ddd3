import { expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

async function get(target: string, fields: string, sub = 'ann') {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies: `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ${sub} }
`,
    upstream: upstream.url,
    variables: { SECRET: hmacSecret() },
  })
  const reply = await rawRequest(proxy.port, `GET ${target} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`, {
    until: (text) => /ok$|\}$/.test(text),
  })
  const events = await proxy.requestsOnce(1)
  await upstream.close()
  return { reply, events, seen: upstream.requests() }
}

/** Together with Host and the last, `count` fields. */
function fields(count: number): string {
  return `${Array.from({ length: count - 2 }, (_, index) => `x${index}:1\r\n`).join('')}X-Identity: alice\r\n`
}

it.each([999, 1000])('T009 forwards %i header lines, the last one too', async (count) => {
  const { reply, seen } = await get('/', fields(count), '"#[attributes.headers.`x-identity`]"')
  expect(reply.status).toBe(200)
  expect(seen[0]?.values('x-identity')).toEqual(['alice'])
  // ours instead of none
  expect(seen[0]?.headers.filter(([name]) => name !== 'connection')).toHaveLength(count + 1)
})

it.each([1001, 2000, 4000])('T009 refuses %i header lines', async (count) => {
  const { reply, events, seen } = await get('/', fields(count))
  expect(reply.status).toBe(431)
  expect(events.map(({ error }) => error?.code)).toEqual(['request/head-too-large'])
  expect(seen).toEqual([])
})

it('refuses a head of more than 32 KiB', async () => {
  const { reply, events, seen } = await get('/', `x: ${'a'.repeat(40_000)}\r\n`)
  expect(reply.status).toBe(431)
  expect(events.map(({ status }) => status)).toEqual([431])
  expect(seen).toEqual([])
})

it('forwards a target of 16 KiB', async () => {
  const target = `/${'a'.repeat(16 * 1024 - 1)}`
  const { reply, seen } = await get(target, '')
  expect(reply.status).toBe(200)
  expect(seen[0]?.target).toBe(target)
})

it('refuses a longer target', async () => {
  const { reply, events, seen } = await get(`/${'a'.repeat(16 * 1024)}`, '')
  expect(reply.status).toBe(414)
  expect(events.map(({ error }) => error?.code)).toEqual(['request/uri-too-long'])
  expect(seen).toEqual([])
})

it('T012 refuses to send a token of more than 8 KiB, and names the policy alone', async () => {
  const { reply, events, seen } = await get(
    '/',
    `x-big: ${'A'.repeat(7000)}\r\n`,
    '"#[attributes.headers.`x-big`]"',
  )
  expect(reply.status).toBe(422)
  expect(events[0]?.error).toMatchObject({ code: 'token/too-large', place: { policy: 'signed' } })
  expect(events[0]?.error?.message).not.toContain('AAAA')
  expect(seen).toEqual([])
})
