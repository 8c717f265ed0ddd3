import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { decodeProtectedHeader } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ecKeys } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const BODY = '{"user":"ann"}'
const FROM_BODY = '"#[payload.user]"'

function policy(kid: string, sub: string, more = ''): string {
  const key = `signingMethod: ES256, kid: ${kid}, privateKey: { file: ../${kid}.pem }`
  return `name: orders\n${more}\njwt: { ${key}, exp: 300, sub: ${sub} }\n`
}

/** A request of whose body all but the last byte has come when the files are read again. */
async function reloadedMeanwhile(before: string, after: string, gateway?: (url: string) => string) {
  const [upstream, other] = [await recordingUpstream(), await recordingUpstream()]
  onTestFinished(async () => {
    await upstream.close()
    await other.close()
  })
  const proxy = await startProxy({
    policies: before,
    files: { 'old.pem': ecKeys('P-256', 'old').pkcs8, 'new.pem': ecKeys('P-256', 'new').pkcs8 },
    ...(gateway ? { gateway: gateway(upstream.url) } : { upstream: upstream.url }),
  })
  const socket = connect(proxy.port, '127.0.0.1').setEncoding('latin1')
  onTestFinished(() => void socket.destroy())
  const fields = `Host: a\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}`
  // the answer to Expect tells that the body is being waited for
  socket.write(`POST /orders HTTP/1.1\r\n${fields}\r\nExpect: 100-continue\r\n\r\n`)
  const [interim] = await once(socket, 'data')
  expect(interim).toBe('HTTP/1.1 100 Continue\r\n\r\n')
  socket.write(BODY.slice(0, -1))
  await writeFile(join(proxy.folder, '0.yaml'), after)
  if (gateway) await writeFile(join(proxy.folder, '../countersign.yaml'), gateway(other.url))
  expect(await proxy.reload()).toBe(true)
  socket.write(BODY.slice(-1))
  const [answer] = (await once(socket, 'data')) as [string]
  const [event] = await proxy.requestsOnce(1)
  const received = [...upstream.requests(), ...other.requests()]
  const [token = ''] = received.flatMap(({ values }) => values('authorization'))
  return {
    status: Number(answer.slice(9, 12)),
    code: event?.error?.code,
    kid: token === '' ? undefined : decodeProtectedHeader(token.slice(7)).kid,
    bodies: received.map(({ body }) => String(body)),
    toOther: other.requests().length,
  }
}

describe('a request whose body ends after the files were read again', () => {
  it('is signed by the key that serves by then', async () => {
    const result = await reloadedMeanwhile(policy('old', FROM_BODY), policy('new', FROM_BODY))
    expect(result).toMatchObject({ status: 200, kid: 'new', bodies: [BODY] })
  })

  it('is forwarded whole when no policy needs its body any more', async () => {
    const result = await reloadedMeanwhile(policy('old', FROM_BODY), policy('new', 'bob'))
    expect(result).toMatchObject({ status: 200, kid: 'new', bodies: [BODY] })
  })

  it('goes where the new files route it', async () => {
    const routes = (url: string) => `routes: [{ name: main, upstream: "${url}" }]\n`
    const [before, after] = [policy('old', FROM_BODY), policy('new', FROM_BODY)]
    const result = await reloadedMeanwhile(before, after, routes)
    expect(result).toMatchObject({ status: 200, kid: 'new', bodies: [BODY], toOther: 1 })
  })

  it('is refused when no policy applies to it any more', async () => {
    const elsewhere = policy('new', FROM_BODY, 'match: { path: /elsewhere }')
    const result = await reloadedMeanwhile(policy('old', FROM_BODY), elsewhere)
    expect(result).toMatchObject({ status: 404, code: 'route/none', bodies: [] })
  })
})
