import { Agent, type ClientRequest, IncomingMessage, request, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { limitUpstream } from '../../../../src/hosts/express/limit-upstream.ts'

/** A socket that never connects, as towards a host that drops packets. */
class LostSocket extends Socket {
  override connecting = true
}

class LostAgent extends Agent {
  override createConnection(): Socket {
    return new LostSocket()
  }
}

it('ends a request whose connection is not made in time', async () => {
  const lost: ClientRequest = request({ agent: new LostAgent() })
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  lost.once('socket', () =>
    limitUpstream(lost, response, { connect: 50, headers: 5000, body: 1, idle: 1 }),
  )
  lost.end()
  const error = await new Promise((resolve) => lost.once('error', resolve))
  expect(error).toMatchObject({ code: 'upstream/timeout' })
  expect((error as Error).message).toContain('connection')
})
