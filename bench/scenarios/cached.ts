import { caddy } from '../contenders/caddy.ts'
import { countersign } from '../contenders/countersign.ts'
import { expressHpm } from '../contenders/express-hpm.ts'
import { haproxy } from '../contenders/haproxy.ts'
import { nginx } from '../contenders/nginx.ts'
import { nginxLua } from '../contenders/nginx-lua.ts'
import { atMost } from '../finding.ts'
import { race } from '../race.ts'
import { ratio } from '../sample.ts'

/** One caller, whose ES256 token is made once. */
export const cached = race({
  name: 'cached',
  about:
    'A cached token; caddy, haproxy and nginx forward without one. countersign-logged writes a line a request, as it does by default.',
  task: { algorithm: 'ES256', reuses: true },
  contenders: [
    countersign(),
    countersign({ name: 'countersign-logged', logLevel: 'info' }),
    nginxLua,
    caddy,
    haproxy,
    nginx,
    expressHpm,
  ],
  findings(samples) {
    const against = (name: string) => ratio(samples, 'countersign', name)
    const memory = (samples.get('countersign') ?? []).map(({ rssMb }) => rssMb)
    const growth = (memory.at(-1) ?? Number.NaN) / (memory[0] ?? Number.NaN)
    return [
      atMost(1, 'cached token, CPU against express-hpm', 0.3, against('express-hpm')),
      atMost(1, 'cached token, CPU against caddy', 0.65, against('caddy')),
      atMost(1, 'cached token, CPU against nginx-lua', 2.5, against('nginx-lua')),
      atMost(7, 'memory under load with 64 connections', 110, Math.max(...memory), 'MB'),
      atMost(7, 'memory after the last round against the first', 1.1, growth),
    ]
  },
})
