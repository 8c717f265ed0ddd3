import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Serves on a free port of 127.0.0.1 and says which, until SIGTERM. */
export function listen(listener: RequestListener): void {
  const server = createServer(listener)
  server.keepAliveTimeout = 600_000
  server.listen(0, '127.0.0.1', 4096, () => {
    console.log(`listening http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
  process.once('SIGTERM', () => process.exit(0))
}
