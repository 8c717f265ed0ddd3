import { caddy } from '../contenders/caddy.ts'
import { countersign } from '../contenders/countersign.ts'
import { expressHpm } from '../contenders/express-hpm.ts'
import { haproxy } from '../contenders/haproxy.ts'
import { nginx } from '../contenders/nginx.ts'
import { nginxLua } from '../contenders/nginx-lua.ts'
import { race } from '../race.ts'
import { CALLER } from '../token-shape.ts'

const JSON_HEADERS = { ...CALLER, 'content-type': 'application/json' }

/** A body of 10 KB that nobody looks at. */
export const body10k = race({
  name: 'body-10k',
  about: 'A cached ES256 token, and a POST of 10 KB that is passed on.',
  task: { algorithm: 'ES256', reuses: true },
  contenders: [countersign(), nginxLua, caddy, haproxy, nginx, expressHpm],
  load: { headers: JSON_HEADERS, script: post(document(10_000)) },
  checked: { path: '/orders/7', body: document(10_000) },
})

/** A body of 2 KB that is read, changed and written. */
export const bodyPlacement = race({
  name: 'body-placement',
  about:
    'A cached ES256 token that goes into a JSON body of 2 KB. nginx has no JSON parser in Lua by itself.',
  task: { algorithm: 'ES256', reuses: true, place: 'body' },
  contenders: [countersign(), expressHpm],
  load: { headers: JSON_HEADERS, script: post(document(2000)) },
  checked: { path: '/orders/7', body: document(2000) },
})

function post(body: string): string {
  return `wrk.method = "POST"\nwrk.body = [[${body}]]\n`
}

/** An order as JSON, of about so many bytes. */
function document(bytes: number): string {
  const line = { article: 'A-1001', amount: 3, price: 12.5, note: 'as ordered on the telephone' }
  const lines = Math.round(bytes / JSON.stringify(line).length)
  return JSON.stringify({ order: 7, lines: Array.from({ length: lines }, () => line) })
}
