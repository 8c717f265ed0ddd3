import { mkdtempSync, writeFileSync } from 'node:fs'
import type { Contender } from '../contender.ts'
import { firstAnswer } from '../exchange.ts'
import { freePort } from '../free-port.ts'

/** HAProxy that forwards, and no more, with one thread. */
export const haproxy: Contender = {
  name: 'haproxy',
  signs: false,
  needs: 'haproxy',
  async start({ folder, children, cores, upstream }) {
    const port = await freePort()
    const file = `${mkdtempSync(`${folder}/haproxy-`)}/haproxy.cfg`
    writeFileSync(
      file,
      `global
  nbthread 1
defaults
  mode http
  http-reuse always
  timeout client 60s
  timeout server 60s
  timeout connect 5s
frontend proxy
  bind 127.0.0.1:${port}
  default_backend upstream
backend upstream
  server upstream 127.0.0.1:${upstream.port}
`,
    )
    const child = children.start(['haproxy', '-db', '-f', file], { cores: cores.contender })
    const url = `http://127.0.0.1:${port}`
    await firstAnswer(url)
    return { url, pid: child.pid, stop: child.stop }
  },
}
