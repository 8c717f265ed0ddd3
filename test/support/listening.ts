import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { onTestFinished } from 'vitest'

/** True when servers can listen on `::1` here. */
export const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((found) => found?.address === '::1')

/** Lets a server listen on a free port of `address`, and gives the port; the caller closes it. */
export async function freePort(server: Server, address = '127.0.0.1'): Promise<number> {
  server.listen(0, address)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Lets a server listen on a free port of `address` until the test has finished, and gives the port. */
export async function listening(server: Server, address?: string): Promise<number> {
  const port = await freePort(server, address)
  onTestFinished(() => {
    server.close()
    if ('closeAllConnections' in server) (server as HttpServer).closeAllConnections()
  })
  return port
}
