import { describe, expect, it } from 'vitest'
import { basic } from '../../../src/credentials/basic.ts'
import { errorCode } from '../../support/error-code.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { requestContext } from '../../support/request-context.ts'
import { tempFolder } from '../../support/temp-folder.ts'

type Config = Parameters<typeof basic.create>[0]
const AROUND = { accounts: undefined, onRenewalFailure: () => undefined }

async function compiled(config: Config, folder?: string) {
  const variables = { PASSWORD: 'from outside' }
  const { scope, faults } = recordingScope({ variables, ...(folder !== undefined && { folder }) })
  const source = await basic.create(config, scope, AROUND)
  const issue = async (headers = {}) => {
    const { value } = await source!.issue(requestContext({ headers }))
    return Buffer.from(value.reveal(), 'base64').toString('utf8')
  }
  return { source, issue, faults: faults.map(({ rule, path }) => [rule, path.join('.')]) }
}

describe('a user name and password', () => {
  it('are base64 of their UTF-8 text with a colon between (RFC 7617)', async () => {
    const { source, issue } = await compiled({ username: 'test', password: '123£' })
    expect(await issue()).toBe('test:123£')
    // the example of RFC 7617 section 2.1
    expect((await source!.issue(requestContext())).value.reveal()).toBe('dGVzdDoxMjPCow==')
  })

  it('may have a colon in the password', async () => {
    const { issue } = await compiled({ username: 'ann', password: 'a:b' })
    expect(await issue()).toBe('ann:a:b')
  })

  it('takes the password from a variable or a file, and warns of text in the policy', async () => {
    const { path } = await tempFolder({ 'password.txt': 'from a file\n' })
    const variable = await compiled({ username: 'ann', password: { env: 'PASSWORD' } })
    const file = await compiled({ username: 'ann', password: { file: 'password.txt' } }, path)
    const text = await compiled({ username: 'ann', password: 'in the policy' })
    expect([await variable.issue(), variable.faults]).toEqual(['ann:from outside', []])
    expect([await file.issue(), file.faults]).toEqual(['ann:from a file', []])
    expect([await text.issue(), text.faults]).toEqual([
      'ann:in the policy',
      [['key/inline', 'password']],
    ])
  })

  it('computes the user name for each request', async () => {
    const username = '#[attributes.headers.`x-user`]'
    const { source, issue } = await compiled({ username, password: { env: 'PASSWORD' } })
    expect(await issue({ 'x-user': 'ann' })).toBe('ann:from outside')
    expect(source!.reads).toContain('header x-user')
  })

  it.each([
    ['is missing', {}, 'claim/missing'],
    ['has a colon', { 'x-user': 'ann:admin' }, 'claim/type'],
    ['has a control character', { 'x-user': 'ann\tb' }, 'claim/type'],
    ['is empty', { 'x-user': '' }, 'claim/type'],
    ['stands on two lines', { 'x-user': ['ann', 'bob'] }, 'claim/type'],
  ])('refuses a request whose user name %s', async (_, headers, code) => {
    const username = '#[attributes.headers.`x-user`]'
    const { source } = await compiled({ username, password: { env: 'PASSWORD' } })
    const issued = async () => await source!.issue(requestContext({ headers }))
    expect(await errorCode(issued)).toBe(code)
  })

  it.each([
    [{ username: 'ann:admin', password: { env: 'PASSWORD' } }, ['basic/username', 'username']],
    [{ username: '#["a:b"]', password: { env: 'PASSWORD' } }, ['basic/username', 'username']],
    [{ username: '#[1]', password: { env: 'PASSWORD' } }, ['basic/username', 'username']],
    [{ username: 'ann', password: 'two\nlines' }, ['basic/password', 'password']],
    [{ username: 'ann', password: { env: 'NOT_SET' } }, ['key/missing', 'password.env']],
    [{ username: '#[', password: { env: 'PASSWORD' } }, ['expr/syntax', 'username']],
  ])('reports %j', async (config, fault) => {
    const { source, faults } = await compiled(config)
    expect(source).toBeUndefined()
    expect(faults).toContainEqual(fault)
  })
})
