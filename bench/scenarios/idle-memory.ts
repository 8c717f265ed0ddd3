import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Child } from '../children.ts'
import { startCountersign } from '../contenders/countersign.ts'
import { atMost } from '../finding.ts'
import { median } from '../median.ts'
import type { Scenario } from '../scenario.ts'
import { CALLER } from '../token-shape.ts'

const PROGRAMS = `${import.meta.dirname}/../programs`
const NODE_FLAGS = ['--expose-gc', '--import', `${PROGRAMS}/probe.ts`]
const FIRST = 100
const MORE = 2000
const AT_ONCE = 20

/** What an idle connection takes, beside what node:http itself takes for it. */
export const idleMemory: Scenario = {
  name: 'idle-memory',
  about: `${MORE} connections that had one request each and are kept, against those of a bare node:http server.`,
  async run(setting) {
    const beyond: number[] = []
    for (let round = 0; round < Math.min(setting.rounds, 3); round += 1) {
      const ours = await startCountersign(
        setting,
        { algorithm: 'ES256', reuses: true },
        { nodeFlags: NODE_FLAGS, talks: true },
      )
      const own = await bytesEach(ours.url, ours.child)
      await ours.stop()
      const plain = setting.children.start(
        [process.execPath, ...NODE_FLAGS, `${PROGRAMS}/plain-server.ts`],
        { cores: setting.cores.contender, talks: true },
      )
      const [, url = ''] = await plain.waitFor(/^listening (\S+)$/m)
      beyond.push(own - (await bytesEach(url, plain)))
      await plain.stop()
    }
    const what = 'an idle connection beyond what node:http takes'
    return { samples: new Map(), findings: [atMost(7, what, 1024, median(beyond), 'bytes')] }
  },
}

/** Bytes that live for each connection more. */
async function bytesEach(url: string, child: Child): Promise<number> {
  const sockets = await open(url, FIRST)
  const before = Number(await child.ask('memory'))
  sockets.push(...(await open(url, MORE)))
  const after = Number(await child.ask('memory'))
  for (const socket of sockets) socket.destroy()
  return (after - before) / MORE
}

async function open(url: string, count: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < count) {
    sockets.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => openOne(url)))))
  }
  return sockets
}

/** A connection that was answered once. */
async function openOne(url: string): Promise<Socket> {
  const { hostname, port, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  const fields = Object.entries({ host, ...CALLER }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET /orders/7 HTTP/1.1\r\n${fields.join('')}\r\n`)
  await once(socket, 'data')
  socket.on('error', () => {})
  return socket
}
