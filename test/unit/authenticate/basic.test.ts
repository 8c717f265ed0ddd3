import bcrypt from 'bcrypt'
import { describe, expect, it, vi } from 'vitest'
import { basic } from '../../../src/authenticate/basic.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { createKeySets } from '../../../src/keys/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { requestHead } from '../../support/request-context.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const PASSWORD = 'blue: horse'
const hashOf = (password: string) => bcrypt.hashSync(password, 4)
const pair = (text: string | Uint8Array) => `Basic ${Buffer.from(text).toString('base64')}`

async function load(htpasswd: string | Uint8Array, config: object = {}) {
  const folder = await tempFolder({ htpasswd })
  const { scope, faults } = recordingScope({
    folder: folder.path,
    environment: systemEnvironment(),
  })
  const options = {
    name: 'people',
    keySets: createKeySets({ environment: fixedEnvironment() }),
    readYaml: async () => undefined,
  }
  const written = basic.schema.parse({ htpasswd: 'htpasswd', ...config })
  const authenticator = await basic.create(written, scope, options)
  const examine = async (authorization?: string | readonly string[]) =>
    authenticator?.examine({
      head: requestHead({ headers: authorization === undefined ? {} : { authorization } }),
      peer: {},
    })
  return { authenticator, faults, examine }
}

describe('user name and password', () => {
  it.each([
    ['ann', pair(`ann:${PASSWORD}`)],
    ['bücher', pair(`bücher:${PASSWORD}`)],
    ['ann', pair(`ann:${PASSWORD}`).replace('Basic', 'bAsIc')],
  ])('recognise %s', async (principal, authorization) => {
    const { examine } = await load(`ann:${hashOf(PASSWORD)}\nbücher:${hashOf(PASSWORD)}\n`)
    expect(await examine(authorization)).toEqual({ caller: { scheme: 'basic', principal } })
  })

  it.each([
    ['a wrong password', pair('ann:blue'), 'password'],
    ['an empty password', pair('ann:'), 'password'],
    ['a password with more behind it', pair(`ann:${PASSWORD} `), 'password'],
    ['a user who is not there', pair(`bob:${PASSWORD}`), 'unknown'],
    ['a user in another case', pair(`Ann:${PASSWORD}`), 'unknown'],
    ['no user', pair(`:${PASSWORD}`), 'unknown'],
    ['a name of Object.prototype', pair('__proto__:x'), 'unknown'],
    ['no colon', pair('ann'), 'malformed'],
    ['nothing', 'Basic ', 'malformed'],
    ['the scheme alone', 'Basic', 'malformed'],
    ['no padding', 'Basic YW5uOmI', 'malformed'],
    ['base64url', pair('ann:>>>???').replaceAll('+', '-').replaceAll('/', '_'), 'malformed'],
    ['other trailing bits', 'Basic YW5uOh==', 'malformed'],
    ['a space inside', 'Basic YW5u OmI=', 'malformed'],
    ['what is no UTF-8', pair(Buffer.from('ann:\xff', 'latin1')), 'malformed'],
    ['a NUL', pair(`ann:${PASSWORD}\0`), 'malformed'],
    ['a line end', pair(`ann\n:${PASSWORD}`), 'malformed'],
    ['a control character of C1', pair(`ann\u0085:${PASSWORD}`), 'malformed'],
    ['4 KiB', pair(`${'a'.repeat(4096)}:x`), 'malformed'],
    ['two of them', [pair(`ann:${PASSWORD}`), pair(`ann:${PASSWORD}`)], 'ambiguous'],
    ['one beside another scheme', [pair(`ann:${PASSWORD}`), 'Bearer x'], 'ambiguous'],
  ])('are refused: %s', async (_what, authorization, reason) => {
    const { examine } = await load(`ann:${hashOf(PASSWORD)}\n`)
    expect(await examine(authorization)).toEqual({ refused: { reason } })
  })

  it.each([[undefined], ['Bearer x'], ['Basics x'], ['']])(
    'are not there in %s',
    async (authorization) => {
      const { examine } = await load(`ann:${hashOf(PASSWORD)}\n`)
      expect(await examine(authorization)).toBeUndefined()
    },
  )

  it('are refused beyond the 72 bytes that bcrypt reads', async () => {
    const password = 'é'.repeat(36)
    const { examine } = await load(`ann:${hashOf(password)}\n`)
    expect(await examine(pair(`ann:${password}`))).toHaveProperty('caller')
    expect(await examine(pair(`ann:${password}x`))).toEqual({ refused: { reason: 'malformed' } })
  })

  it('are compared once for the same pair, and each time for a wrong one', async () => {
    const compare = vi.spyOn(bcrypt, 'compare')
    const { examine } = await load(`ann:${hashOf(PASSWORD)}\n`)
    const right = pair(`ann:${PASSWORD}`)
    await Promise.all([examine(right), examine(right), examine(right)])
    await examine(right)
    expect(compare).toHaveBeenCalledTimes(1)
    await examine(pair('ann:wrong'))
    await examine(pair('ann:wrong'))
    expect(compare).toHaveBeenCalledTimes(3)
    compare.mockRestore()
  })

  it('cost a comparison of the same rounds for a user who is not there', async () => {
    const compare = vi.spyOn(bcrypt, 'compare')
    const hash = bcrypt.hashSync(PASSWORD, 5)
    const { examine } = await load(`ann:${hash}\nbob:${hashOf(PASSWORD)}\n`)
    await examine(pair('carl:x'))
    const [[, compared] = []] = compare.mock.calls
    compare.mockRestore()
    expect(compared).toMatch(/^\$2b\$05\$[./A-Za-z0-9]{53}$/)
    expect(compared).not.toBe(hash)
  })

  it('wait for their turn, and are 503 overload when too many wait', async () => {
    const { examine } = await load(`ann:${hashOf(PASSWORD)}\n`)
    const guesses = Array.from({ length: 200 }, (_, index) => examine(pair(`ann:${index}`)))
    const ends = await Promise.allSettled(guesses)
    const refused = ends.filter(({ status }) => status === 'fulfilled')
    const failed = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason.code] : []))
    expect(refused).toHaveLength(130)
    expect(failed).toEqual(Array.from({ length: 70 }, () => 'overload'))
    expect(await examine(pair(`ann:${PASSWORD}`))).toHaveProperty('caller')
  })

  it('are asked for with the realm, by default the name of the authenticator', async () => {
    const challenge = async (config: object) =>
      (await load('', config)).authenticator?.challenge(false)
    expect(await challenge({})).toBe('Basic realm="people", charset="UTF-8"')
    expect(await challenge({ realm: 'the works' })).toBe('Basic realm="the works", charset="UTF-8"')
  })

  it.each(['a"b', 'a\\b', 'a\r\nb', 'é', ''])('are not asked for with the realm %j', (realm) => {
    expect(basic.schema.safeParse({ htpasswd: 'x', realm }).success).toBe(false)
  })
})

describe('the users', () => {
  it('may be none, with a warning', async () => {
    const { faults, examine } = await load('# nobody yet\n')
    expect(faults).toMatchObject([
      { severity: 'warning', rule: 'authenticator/nobody', path: ['htpasswd'] },
    ])
    expect(await examine(pair(`ann:${PASSWORD}`))).toEqual({ refused: { reason: 'unknown' } })
  })

  it('are an error where the file is named when it is not there', async () => {
    const { authenticator, faults } = await load('', { htpasswd: 'none' })
    expect(authenticator).toBeUndefined()
    expect(faults).toMatchObject([{ rule: 'authenticator/htpasswd', path: ['htpasswd'] }])
  })

  it.each(['2a', '2b', '2y'])('may have bcrypt hashes as $%s$', async (version) => {
    const { examine } = await load(`ann:${hashOf(PASSWORD).replace('$2b$', `$${version}$`)}\n`)
    expect(await examine(pair(`ann:${PASSWORD}`))).toHaveProperty('caller')
  })
})
