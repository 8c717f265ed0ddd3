import { once } from 'node:events'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openGateway } from '../../src/config/index.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { createBodyBudget } from '../../src/hosts/body-budget.ts'
import { headOf } from '../../src/hosts/head-of.ts'
import { prepare } from '../../src/hosts/prepare.ts'
import { writeOne } from '../contenders/countersign.ts'
import { cpuMicrosEach } from '../cpu-micros-each.ts'
import { exchange } from '../exchange.ts'
import { atMost } from '../finding.ts'
import type { Scenario } from '../scenario.ts'
import { CALLER } from '../token-shape.ts'

/** Our own steps, without the sockets on both sides. */
export const overhead: Scenario = {
  name: 'overhead',
  about:
    'Match, authenticate (anonymous), claims, cache and patch for one request with a cached ES256 token, in one process.',
  async run(setting) {
    const folder = mkdtempSync(`${setting.folder}/overhead-`)
    mkdirSync(`${folder}/policies`)
    writeOne(folder, setting, { algorithm: 'ES256', reuses: true })
    const { gateway, close } = await openGateway({
      config: `${folder}/countersign.yaml`,
      policies: `${folder}/policies`,
      environment: systemEnvironment(),
      observe: () => {},
    })
    const budget = createBodyBudget()
    const measured = await withMessage((message, response) => {
      const head = headOf(message, message.url ?? '')
      return cpuMicrosEach(() => prepare(message, head, { gateway, budget, response }))
    })
    close()
    const what = 'our own steps on a cached token'
    return { samples: new Map(), findings: [atMost(5, what, 8, measured, 'µs')] }
  },
}

/** Hands over a request as it came from a socket. */
async function withMessage(
  use: (message: IncomingMessage, response: ServerResponse) => Promise<number>,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const server = createServer((message, response) => {
    use(message, response)
      .then(resolve, reject)
      .finally(() => response.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ timeout: 0 })
  const answered = exchange(`http://127.0.0.1:${port}/orders/7`, { headers: CALLER, agent })
  answered.catch(() => {})
  try {
    return await promise
  } finally {
    server.close()
    agent.destroy()
  }
}
