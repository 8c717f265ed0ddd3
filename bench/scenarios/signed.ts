import type { Contender } from '../contender.ts'
import { countersign } from '../contenders/countersign.ts'
import { expressHpm } from '../contenders/express-hpm.ts'
import { nginxLua } from '../contenders/nginx-lua.ts'
import { nginxNjs } from '../contenders/nginx-njs.ts'
import { atMost } from '../finding.ts'
import type { Algorithm } from '../keys.ts'
import { race } from '../race.ts'
import { ratio } from '../sample.ts'
import type { Scenario } from '../scenario.ts'

const ALL = [countersign(), nginxLua, nginxNjs, expressHpm]

/** A token of its own for each request, with each algorithm. */
export const signed = [
  signedWith('HS256', ALL, 2.2),
  signedWith('ES256', ALL, 1.25),
  // njs cannot sign with Ed25519
  signedWith('EdDSA', [countersign(), nginxLua, expressHpm]),
  signedWith('RS256', ALL, 1.15),
]

function signedWith(
  algorithm: Algorithm,
  contenders: readonly Contender[],
  limit?: number,
): Scenario {
  return race({
    name: algorithm.toLowerCase(),
    about: `A token for each request, signed with ${algorithm === 'RS256' ? 'RS256 (2048 bits)' : algorithm}.`,
    task: { algorithm, reuses: false },
    contenders,
    findings: (samples) => {
      if (limit === undefined) return []
      const measured = ratio(samples, 'countersign', 'nginx-lua')
      return [atMost(2, `${algorithm} for each request, CPU against nginx-lua`, limit, measured)]
    },
  })
}
