import { createHash, randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { openWebSocket, webSocketUpstream } from '../support/web-socket-upstream.ts'

const MESSAGES = 10_000
/** Around each length of a frame's head. */
const SIZES = [0, 1, 125, 126, 127, 1000, 65_535, 65_536]

it('T035 10,000 messages of all lengths come back unchanged', { timeout: 100_000 }, async () => {
  const upstream = await webSocketUpstream()
  const proxy = await startProxy({
    policies:
      'name: signed\njwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }\n',
    gateway: `routes: [{ name: all, upstream: "${upstream.url}", upgrades: [websocket] }]`,
    variables: { SECRET: hmacSecret() },
  })
  const socket = await openWebSocket(proxy.url)
  const [sent, received] = [createHash('sha256'), createHash('sha256')]
  let count = 0
  const { promise: all, resolve } = Promise.withResolvers<void>()
  socket.on('message', (data: Buffer) => {
    received.update(data)
    count += 1
    if (count === MESSAGES) resolve()
  })
  for (let index = 0; index < MESSAGES; index += 1) {
    const message = randomBytes(SIZES[index % SIZES.length] as number)
    sent.update(message)
    await new Promise<unknown>((written) => socket.send(message, written))
  }
  await all
  expect(received.digest('hex')).toBe(sent.digest('hex'))
})
