import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// The application knows one plain URL. It has no key, no token, and no JWT library.
const orders = process.env.ORDERS_URL

const server = createServer(async (request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const user = searchParams.get('user')
  const answer = await fetch(`${orders}orders`, { headers: user ? { 'x-user': user } : {} })
  response.writeHead(answer.status, { 'content-type': 'application/json' })
  response.end(await answer.text())
})

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(`application http://127.0.0.1:${port}/`)
})
process.once('SIGTERM', () => server.close().closeAllConnections())
process.once('SIGINT', () => server.close().closeAllConnections())
