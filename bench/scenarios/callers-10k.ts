import { countersign } from '../contenders/countersign.ts'
import { expressHpm } from '../contenders/express-hpm.ts'
import { nginxLua } from '../contenders/nginx-lua.ts'
import { race } from '../race.ts'

/** Makes wrk take the callers by turns. The requests are put together before it starts. */
const SCRIPT = `
local requests, at = {}, 0
init = function()
  for caller = 1, 10000 do
    wrk.headers["x-user"] = "caller-" .. caller
    requests[caller] = wrk.format()
  end
end
request = function()
  at = at % 10000 + 1
  return requests[at]
end
`

/** As many callers as the cache holds by default, each with a token of its own. */
export const callers = race({
  name: 'callers-10k',
  about: '10,000 callers by turns, each with a cached ES256 token of its own.',
  task: { algorithm: 'ES256', reuses: true },
  contenders: [countersign(), nginxLua, expressHpm],
  load: { script: SCRIPT },
})
