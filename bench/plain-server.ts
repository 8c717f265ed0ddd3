import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// The unit that contenders are measured in: node:http with nothing behind it.
const server = createServer((message, response) => {
  message.resume()
  response.end('ok')
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  console.error(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
process.once('SIGTERM', () => process.exit(0))
