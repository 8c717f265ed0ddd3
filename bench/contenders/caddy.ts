import { mkdtempSync, writeFileSync } from 'node:fs'
import type { Contender } from '../contender.ts'
import { firstAnswer } from '../exchange.ts'
import { freePort } from '../free-port.ts'

/** Caddy that forwards, and no more. Go runs as many threads as it has cores. */
export const caddy: Contender = {
  name: 'caddy',
  signs: false,
  needs: 'caddy',
  async start({ folder, children, cores, upstream }) {
    const port = await freePort()
    const own = mkdtempSync(`${folder}/caddy-`)
    const file = `${own}/Caddyfile`
    writeFileSync(
      file,
      `{
        admin off
        auto_https off
        log {
          level ERROR
        }
      }
      http://127.0.0.1:${port} {
        reverse_proxy 127.0.0.1:${upstream.port} {
          transport http {
            keepalive_idle_conns_per_host 256
          }
        }
      }`,
    )
    const child = children.start(['caddy', 'run', '--config', file, '--adapter', 'caddyfile'], {
      cores: cores.contender,
      env: { HOME: own, XDG_DATA_HOME: own, XDG_CONFIG_HOME: own },
    })
    const url = `http://127.0.0.1:${port}`
    await firstAnswer(url)
    return { url, pid: child.pid, stop: child.stop }
  },
}
