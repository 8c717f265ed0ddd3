import { type RequestBytes, requestBytes } from '../../support/arbitrary-head.ts'
import { startEveryPlace } from '../../support/every-place.ts'
import { fuzz } from '../fuzz-kind.ts'

/** Heads of requests, byte by byte: whatever reaches the upstream is owned, framed and targeted as it must be. */
export const heads = fuzz<RequestBytes>({
  name: 'heads',
  inputs: requestBytes,
  found: [
    // what is pipelined behind an answer that ends the connection is not served
    {
      head: 'GET /header HTTP/1.1\r\nHost: a\r\nX-Caller: c\r\nExpect: 100-continue\r\n\r\n',
      rest: 'GET /header HTTP/1.1\r\nHost: a\r\nX-Caller: behind\r\n\r\n',
    },
  ],
  usual: ['200', '400'],
  limit: 1000,
  async start() {
    const places = await startEveryPlace()
    return {
      async check(input) {
        const { reply } = await places.exchange(Buffer.from(input.head + input.rest, 'latin1'))
        return String(reply.status)
      },
      close: places.close,
    }
  },
})
