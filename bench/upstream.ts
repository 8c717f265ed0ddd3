import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Children } from './children.ts'
import { firstAnswer } from './exchange.ts'
import { freePort } from './free-port.ts'
import { startNginx } from './nginx.ts'

/** What every contender forwards to: nginx, which answers `ok`. */
export interface Upstream {
  readonly port: number
  readonly url: string
  readonly pid: number
}

/** A request as it reached the upstream. */
export interface Seen {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Behind a path that ends so, the answer is the request as it was received: `Seen` as JSON. */
export const SHOWN = '/seen'

/** Starts the upstream. */
export async function startUpstream(
  folder: string,
  children: Children,
  cores: string,
): Promise<Upstream> {
  const recorder = createServer(async (message, response) => {
    const { method = '', headers } = message
    response.end(JSON.stringify({ method, headers, body: await text(message) }))
  })
  recorder.listen(0, '127.0.0.1').unref()
  await once(recorder, 'listening')
  const { port: recorderPort } = recorder.address() as AddressInfo
  const port = await freePort()
  const { pid } = startNginx({
    folder: `${folder}/upstream`,
    children,
    cores,
    http: `
      server {
        listen 127.0.0.1:${port} backlog=4096;
        location / { return 200 "ok"; }
        location ~ ${SHOWN}$ { proxy_pass http://127.0.0.1:${recorderPort}; }
      }`,
  })
  const url = `http://127.0.0.1:${port}`
  await firstAnswer(url)
  return { port, url, pid }
}
