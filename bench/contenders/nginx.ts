import { mkdtempSync } from 'node:fs'
import type { Contender, Running } from '../contender.ts'
import { firstAnswer } from '../exchange.ts'
import { freePort } from '../free-port.ts'
import { startNginx } from '../nginx.ts'
import type { Setting } from '../setting.ts'
import { CALLER } from '../token-shape.ts'

/** How an nginx forwards. */
export interface NginxProxy {
  readonly modules?: readonly string[]
  /** Directives of its `http` block. */
  readonly http?: string
  /** What happens in `location /` before the request is forwarded. */
  readonly before?: string
  /** What the location does. Default: forwards to `http://upstream`. */
  readonly locations?: string
}

/** nginx that forwards, and no more. */
export const nginx: Contender = {
  name: 'nginx',
  signs: false,
  start: (setting) => startProxy(setting, {}),
}

/** Starts an nginx that forwards over connections that stay open. */
export async function startProxy(setting: Setting, proxy: NginxProxy): Promise<Running> {
  const { modules = [], http = '', before = '' } = proxy
  const { locations = `location / { ${before} proxy_pass http://upstream; }` } = proxy
  const port = await freePort()
  const child = startNginx({
    folder: mkdtempSync(`${setting.folder}/nginx-`),
    children: setting.children,
    cores: setting.cores.contender,
    modules,
    http: `
      ${http}
      upstream upstream {
        server 127.0.0.1:${setting.upstream.port};
        keepalive 256;
        keepalive_requests 1000000000;
      }
      server {
        listen 127.0.0.1:${port} backlog=4096;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        ${locations}
      }`,
  })
  const url = `http://127.0.0.1:${port}`
  await firstAnswer(url, { headers: CALLER })
  return { url, pid: child.pid, stop: child.stop }
}
