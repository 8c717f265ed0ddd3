import { once } from 'node:events'
import type { Server } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { type Address, formatAddress } from '../address.ts'
import { startRefused } from './stop.ts'

/** Listens, and gives the URL that was bound. Throws `Stop` when the address cannot be had. */
export async function listen(server: Server, address: Address): Promise<URL> {
  server.listen(address.port, address.host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code = 'unknown' } = error as { code?: string }
    throw startRefused(`cannot listen on ${formatAddress(address)}: ${REASONS[code] ?? code}`)
  }
  const bound = server.address() as { readonly address: string; readonly port: number }
  const scheme = server instanceof TlsServer ? 'https' : 'http'
  return new URL(`${scheme}://${formatAddress({ host: bound.address, port: bound.port })}`)
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use; choose another',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'permission denied',
  ENOTFOUND: 'no such host',
}

/** The same URL as this machine reaches it: a listener on every address is asked on loopback. */
export function onThisMachine(url: URL): URL {
  const reachable = new URL(url)
  if (url.hostname === '0.0.0.0') reachable.hostname = '127.0.0.1'
  if (url.hostname === '[::]') reachable.hostname = '[::1]'
  return reachable
}
