import { describe, expect, it } from 'vitest'
import { runCountersign, startCountersign } from '../support/process.ts'

const FREE = { COUNTERSIGN_LISTEN: '127.0.0.1:0', COUNTERSIGN_MANAGEMENT: '127.0.0.1:0' }

describe('the demo', () => {
  it('shows a signed request as the upstream saw it, then serves', async () => {
    const demo = startCountersign(['demo'], { env: FREE })
    await demo.waitFor(/Ctrl-C stops.*\n/)
    const shown = demo.stdout()
    expect(shown).toContain('not for production')
    expect(JSON.parse(/^{\n[\s\S]*?\n}\n/m.exec(shown)?.[0] ?? '')).toMatchObject({
      request: 'GET /hello HTTP/1.1',
      verified: true,
      seenBefore: false,
      token: {
        location: 'header authorization',
        header: { alg: 'ES256' },
        claims: { iss: 'countersign-demo', sub: 'ann' },
        times: { exp: expect.stringMatching(/Z, in 5 minutes$/) },
      },
    })
    expect(shown).not.toContain('PRIVATE KEY')

    const [again, other, nobody] = [
      ...shown.matchAll(/^ {2}curl -s (\S+)(?: -H '(.*?): (.*?)')?/gm),
    ]
    const call = async ([, url = '', name, value]: RegExpMatchArray) =>
      await fetch(url, { headers: name === undefined ? {} : { [name]: value ?? '' } })
    expect(await (await call(again as RegExpMatchArray)).json()).toMatchObject({
      verified: true,
      seenBefore: true,
      token: { claims: { sub: 'ann' } },
    })
    expect(await (await call(other as RegExpMatchArray)).json()).toMatchObject({
      verified: true,
      seenBefore: false,
      token: { claims: { sub: 'bob' } },
    })
    const refused = await call(nobody as RegExpMatchArray)
    expect(refused.status).toBe(422)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(await refused.json()).toMatchObject({ code: 'claim/missing', status: 422 })

    const [line] = await demo.waitFor(/^\{.*"claim\/missing".*$/m)
    expect(JSON.parse(line)).toMatchObject({
      level: 'warn',
      policy: 'hello',
      claim: 'sub',
      at: expect.stringMatching(/policies\/hello\.yaml:9:\d+$/),
      'http.response.status_code': 422,
    })
    // nothing of the log stands before the end of what is shown
    expect(demo.stdout().indexOf('{"level"')).toBeGreaterThan(shown.indexOf('Ctrl-C'))

    demo.signal('SIGINT')
    expect((await demo.exited).code).toBe(0)
  })

  it('does not switch off what verifies its tokens', async () => {
    const { stderr } = await runCountersign(['demo'], {
      env: { ...FREE, COUNTERSIGN_MANAGEMENT: 'off', NODE_ENV: 'production' },
    })
    expect(stderr).toContain('NODE_ENV=production')
  })

  it('does not run in production', async () => {
    const { code, stdout, stderr } = await runCountersign(['demo'], {
      env: { ...FREE, NODE_ENV: 'production' },
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('the demo does not run with NODE_ENV=production')
  })
})
