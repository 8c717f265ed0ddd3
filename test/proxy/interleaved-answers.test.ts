import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ecKeys } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { startProxy } from '../support/proxy.ts'

function answerOf(owner: string): string {
  const content = owner.repeat(20)
  const size = content.length.toString(16)
  return `HTTP/1.1 200 OK\r\nX-Owner: ${owner}\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${content}\r\n0\r\n\r\n`
}

/** An upstream that answers `/slow` up to `cut`, and goes on only when `rest` is called. */
async function cutUpstream(cut: number) {
  const begun = Promise.withResolvers<() => void>()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      const [, owner = ''] = /^GET \/(\w+)/.exec(bytes.toString('latin1')) ?? []
      const answer = answerOf(owner)
      socket.write(owner === 'slow' ? answer.slice(0, cut) : answer)
      if (owner === 'slow') begun.resolve(() => socket.write(answer.slice(cut)))
    })
  })
  return { url: `http://127.0.0.1:${await listening(server)}`, begun: begun.promise }
}

// within the head, within the size of a chunk, and within a chunk
it.each([1, 20, 40, 68, 73, 80, 120])(
  'I5 keeps answers apart when one comes while another has come up to its octet %d',
  async (cut) => {
    const upstream = await cutUpstream(cut)
    const { url } = await startProxy({
      policies: 'name: p\njwt: { signingMethod: ES256, privateKey: { env: KEY }, exp: 300 }',
      upstream: upstream.url,
      variables: { KEY: ecKeys().pkcs8 },
    })
    const slow = fetch(`${url}/slow`)
    const goOn = await upstream.begun
    // what has come is read before the other request begins
    await wait(50)
    const other = await fetch(`${url}/other`)
    expect(await other.text()).toBe('other'.repeat(20))
    goOn()
    const answer = await slow
    expect(answer.headers.get('x-owner')).toBe('slow')
    expect(await answer.text()).toBe('slow'.repeat(20))
  },
)
