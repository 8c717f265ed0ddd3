import type { ExchangeHandler, ResponseHead } from '../../src/forward/exchange-handler.ts'
import type { OutgoingRequest } from '../../src/forward/outgoing-request.ts'

/** How an exchange went, and what came until then. */
export interface Exchanged {
  readonly heads: ResponseHead[]
  readonly content: Buffer
  readonly error: Error | undefined
}

/** Sends a request, by default `GET / HTTP/1.1` with `Host: a`; `hear` is told before the exchange goes on. */
export function exchange(
  over: { dispatch(request: OutgoingRequest, handler: ExchangeHandler): void },
  request: Partial<OutgoingRequest> = {},
  hear: Partial<ExchangeHandler> = {},
): Promise<Exchanged> {
  const { promise, resolve } = Promise.withResolvers<Exchanged>()
  const heads: ResponseHead[] = []
  const pieces: Buffer[] = []
  const end = (error?: Error) => resolve({ heads, content: Buffer.concat(pieces), error })
  over.dispatch(
    { method: 'GET', path: '/', headers: ['host', 'a'], body: null, ...request },
    {
      onStart: (control) => hear.onStart?.(control),
      onHead(head) {
        hear.onHead?.(head)
        heads.push(head)
      },
      onUpgrade(head, socket) {
        hear.onUpgrade?.(head, socket)
        heads.push(head)
        end()
      },
      onData(chunk) {
        hear.onData?.(chunk)
        pieces.push(Buffer.from(chunk))
      },
      onEnd(last) {
        hear.onEnd?.(last)
        if (last) pieces.push(Buffer.from(last))
        end()
      },
      onError(error) {
        hear.onError?.(error)
        end(error)
      },
    },
  )
  return promise
}
