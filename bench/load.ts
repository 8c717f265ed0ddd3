import { Agent, request } from 'node:http'

// Keeps CONNECTIONS requests under way at URL for SECONDS, then prints how many were answered.
const [url = '', seconds = '1', connections = '1'] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) })
const started = performance.now()
const end = started + Number(seconds) * 1000
let requests = 0

async function worker(): Promise<void> {
  while (performance.now() < end) {
    await once()
    requests += 1
  }
}

function once(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const sent = request(url, { agent, headers: { 'x-user': 'ann' } }, (response) => {
    response.resume()
    response.on('end', () => {
      if (response.statusCode === 200) resolve()
      else reject(new Error(`status ${response.statusCode}`))
    })
  })
  sent.on('error', reject)
  sent.end()
  return promise
}

await Promise.all(Array.from({ length: Number(connections) }, worker))
console.log(JSON.stringify({ requests, elapsed: (performance.now() - started) / 1000 }))
agent.destroy()
