import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { apiKey, clientsFile, guardedProxy } from '../support/guarded-proxy.ts'

const start = (place = '{ location: header, name: x-api-key }') =>
  guardedProxy({
    routes: { a: 'authenticate: [machines]' },
    authenticators: `\n  machines: { apiKey: { in: ${place}, file: keys/clients.yaml } }\n`,
  })

describe('an API key', () => {
  it.each([
    ['a header', '{ location: header, name: x-api-key }', '/a', `X-Api-Key: ${apiKey}\r\n`],
    [
      'a header with a scheme',
      '{ location: header, name: authorization, scheme: ApiKey }',
      '/a',
      `Authorization: APIKEY ${apiKey}\r\n`,
    ],
    ['the query', '{ location: query, name: key }', `/a?x=1&key=${apiKey}`, ''],
    ['a cookie', '{ location: cookie, name: key }', '/a', `Cookie: x=1; key=${apiKey}\r\n`],
  ])('in %s names the client, and goes no further', async (_what, place, target, fields) => {
    const { get, callers, upstream } = await start(place)
    expect((await get(target, fields)).status).toBe(200)
    expect(callers()).toEqual([
      {
        scheme: 'apiKey',
        principal: 'c-1',
        clientId: 'c-1',
        clientName: 'Reports',
        properties: { team: 'finance' },
      },
    ])
    expect(upstream.requests()[0]?.bytes.toString()).not.toContain(apiKey)
  })

  it.each([
    ['no key', '', 'missing'],
    ['an unknown key', 'X-Api-Key: CANARY\r\n', 'unknown'],
    ['an empty key', 'X-Api-Key:\r\n', 'malformed'],
    ['two keys', `X-Api-Key: ${apiKey}\r\nX-Api-Key: ${apiKey}\r\n`, 'ambiguous'],
    ['a key beside an alias', `X-Api-Key: ${apiKey}\r\nX_Api_Key: CANARY\r\n`, 'ambiguous'],
  ])('is asked for with 401 after %s', async (_what, fields, reason) => {
    const { get, proxy, upstream } = await start()
    const reply = await get('/a', fields)
    expect(reply.status).toBe(401)
    expect(reply.text).toMatch(/www-authenticate: ApiKey realm="machines"\r\n/i)
    expect(proxy.log()).toContain(`"reason":"${reason}"`)
    expect(proxy.log() + reply.text).not.toContain('CANARY')
    expect(proxy.log() + reply.text).not.toContain(apiKey)
    expect(upstream.requests()).toEqual([])
  })

  it('is refused from the reload on that took it away', async () => {
    const { get, proxy } = await start()
    const file = join(proxy.folder, '../keys/clients.yaml')
    expect((await get('/a', `X-Api-Key: ${apiKey}\r\n`)).status).toBe(200)
    await writeFile(file, clientsFile('another'))
    expect(await proxy.reload()).toBe(true)
    expect((await get('/a', `X-Api-Key: ${apiKey}\r\n`)).status).toBe(401)
    expect((await get('/a', 'X-Api-Key: another\r\n')).status).toBe(200)
    await writeFile(file, clientsFile())
    expect(await proxy.reload()).toBe(true)
    expect((await get('/a', 'X-Api-Key: another\r\n')).status).toBe(401)
  })

  it('T014 is not found in a list of keys on one line', async () => {
    const { get } = await start()
    expect((await get('/a', `X-Api-Key: other,${apiKey}\r\n`)).status).toBe(401)
  })
})
