import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { TestCertificate } from '../../../support/certificate.ts'
import { listening } from '../../../support/listening.ts'

/** A server of this test that gives out a JWK set. */
export interface Issuer {
  readonly port: number
  readonly url: string
  /** How often it was asked. */
  asked(): number
  /** What it answers from now on: the value as JSON, or what the listener does. */
  answer(next: unknown | RequestListener): void
  /** Ends every connection and listens no more. */
  close(): void
}

/** Starts one on 127.0.0.1, over TLS when a certificate is given. */
export async function startIssuer(first: unknown, tls?: TestCertificate): Promise<Issuer> {
  let current = first
  let asked = 0
  const listener: RequestListener = (request, response) => {
    asked += 1
    if (typeof current === 'function') current(request, response)
    else response.end(JSON.stringify(current))
  }
  const server: Server = tls ? createSecureServer(tls, listener) : createServer(listener)
  const port = await listening(server)
  return {
    port,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/jwks`,
    asked: () => asked,
    answer: (next) => {
      current = next
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
