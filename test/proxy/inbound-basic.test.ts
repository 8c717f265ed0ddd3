import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import bcrypt from 'bcrypt'
import { describe, expect, it } from 'vitest'
import { basic, guardedProxy, password } from '../support/guarded-proxy.ts'

const start = () => guardedProxy({ routes: { a: 'authenticate: [people]' } })
const challenge = /www-authenticate: Basic realm="people", charset="UTF-8"\r\n/i

describe('user name and password', () => {
  it('name the caller, and go no further', async () => {
    const { get, callers, upstream } = await start()
    expect((await get('/a', `Authorization: ${basic('ann')}\r\n`)).status).toBe(200)
    expect(callers()).toEqual([{ scheme: 'basic', principal: 'ann' }])
    expect(upstream.requests()[0]?.values('authorization')).toEqual([])
  })

  it.each([
    ['no credential', '', 'missing'],
    ['another scheme', 'Authorization: Bearer x\r\n', 'missing'],
    ['a wrong password', `Authorization: ${basic('ann', 'wrong')}\r\n`, 'password'],
    ['an unknown user', `Authorization: ${basic('bob')}\r\n`, 'unknown'],
    ['what is no base64', 'Authorization: Basic !\r\n', 'malformed'],
    ['two lines', `Authorization: ${basic('ann')}\r\n`.repeat(2), 'ambiguous'],
  ])('are asked for with 401 after %s', async (_what, fields, reason) => {
    const { get, proxy, upstream } = await start()
    const reply = await get('/a', fields)
    expect(reply.status).toBe(401)
    expect(reply.text).toMatch(challenge)
    expect(reply.text).not.toContain(reason)
    expect(proxy.log()).toContain(`"reason":"${reason}"`)
    expect(upstream.requests()).toEqual([])
  })

  it('stand in no log line and no answer', async () => {
    const { get, proxy } = await start()
    const replies = [
      await get('/a', `Authorization: ${basic('ann')}\r\n`),
      await get('/a', `Authorization: ${basic('bob')}\r\n`),
    ]
    const told = proxy.log() + replies.map(({ text }) => text).join('')
    for (const secret of [password, basic('ann').slice(6), basic('bob').slice(6)]) {
      expect(told).not.toContain(secret)
    }
  })

  it('are refused from the reload on that took the user away', async () => {
    const { get, proxy } = await start()
    const file = join(proxy.folder, '../keys/htpasswd')
    const fields = `Authorization: ${basic('ann')}\r\n`
    expect((await get('/a', fields)).status).toBe(200)
    await writeFile(file, `bob:${bcrypt.hashSync(password, 4)}\n`)
    expect(await proxy.reload()).toBe(true)
    expect((await get('/a', fields)).status).toBe(401)
    await writeFile(file, '')
    expect(await proxy.reload()).toBe(true)
    expect((await get('/a', `Authorization: ${basic('bob')}\r\n`)).status).toBe(401)
  })

  it('are compared with what served when the new file is wrong', async () => {
    const { get, proxy } = await start()
    await writeFile(join(proxy.folder, '../keys/htpasswd'), 'ann:plain\n')
    expect(await proxy.reload()).toBe(false)
    expect((await get('/a', `Authorization: ${basic('ann')}\r\n`)).status).toBe(200)
  })
})
