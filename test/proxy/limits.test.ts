import { describe, expect, it, onTestFinished } from 'vitest'
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

/** A line with which all lines together have this many bytes. */
function filled(size: number): string {
  const [host, name] = ['Host: a\r\n', 'x: ']
  return `${name}${'a'.repeat(size - host.length - name.length - 2)}\r\n`
}

it('T124 forwards header fields of 16 KiB', async () => {
  const { reply, seen } = await get('/', filled(16 * 1024))
  expect(reply.status).toBe(200)
  expect(seen).toHaveLength(1)
})

it.each([16 * 1024 + 1, 1_000_000])('T124 refuses header fields of %i bytes', async (size) => {
  const { reply, events, seen } = await get('/', filled(size))
  expect(reply.status).toBe(431)
  expect(events.map(({ error }) => error?.code)).toEqual(['request/head-too-large'])
  expect(seen).toEqual([])
})

it('forwards a target of 16 KiB', async () => {
  const target = `/${'a'.repeat(16 * 1024 - 1)}`
  const { reply, seen } = await get(target, '')
  expect(reply.status).toBe(200)
  expect(seen[0]?.target).toBe(target)
})

it.each([16 * 1024 + 1, 100_000])('T124 refuses a target of %i bytes', async (size) => {
  const { reply, events, seen } = await get(`/${'a'.repeat(size - 1)}`, '')
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

describe('the gateway file', () => {
  async function start(limits: string) {
    const upstream = await recordingUpstream()
    onTestFinished(upstream.close)
    const gateway = (text: string) =>
      `routes: [{ name: all, unmatched: forward, upstream: "${upstream.url}" }]\nlimits: { ${text} }\n`
    const proxy = await startProxy({ policies: '', gateway: gateway(limits) })
    return {
      change: async (text: string) => {
        await proxy.write('countersign.yaml', gateway(text))
        expect(await proxy.reload()).toBe(true)
      },
      status: async (target: string, lines = '') => {
        const request = `GET ${target} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`
        return (await rawRequest(proxy.port, request, { until: (text) => /ok$|\}$/.test(text) }))
          .status
      },
    }
  }
  const [target, lines] = [`/${'a'.repeat(2000)}`, 'x: 1\r\n'.repeat(30)]
  const large = `x: ${'a'.repeat(2000)}\r\n`

  it('says how large a target and header fields may be, and how many', async () => {
    const { status } = await start('targetSize: 1Ki, headSize: 1Ki, headerLines: 20')
    expect(await status(target)).toBe(414)
    expect(await status('/', lines)).toBe(431)
    expect(await status('/', large)).toBe(431)
    expect(await status('/')).toBe(200)
  })

  it('may allow more than the default', async () => {
    const { status } = await start('targetSize: 40Ki, headSize: 40Ki')
    expect(await status(`/${'a'.repeat(40 * 1024 - 1)}`, `x: ${'a'.repeat(40_000)}\r\n`)).toBe(200)
  })

  it('says it anew at a reload', async () => {
    const { status, change } = await start('targetSize: 1Ki, headSize: 1Ki, headerLines: 20')
    await change('headerLines: 1000')
    expect(await Promise.all([status(target), status('/', lines), status('/', large)])).toEqual([
      200, 200, 200,
    ])
    await change('headSize: 1Ki')
    expect(await status('/', large)).toBe(431)
  })
})
