import type { Scenario } from './scenario.ts'
import { body10k, bodyPlacement } from './scenarios/bodies.ts'
import { cached } from './scenarios/cached.ts'
import { callers } from './scenarios/callers-10k.ts'
import { claims } from './scenarios/claims.ts'
import { express } from './scenarios/express.ts'
import { idleMemory } from './scenarios/idle-memory.ts'
import { latency } from './scenarios/latency.ts'
import { overhead } from './scenarios/overhead.ts'
import { policies10k } from './scenarios/policies-10k.ts'
import { reload } from './scenarios/reload.ts'
import { rs256TwoCores } from './scenarios/rs256-two-cores.ts'
import { rsaIsolation } from './scenarios/rsa-isolation.ts'
import { signed } from './scenarios/signed.ts'
import { start } from './scenarios/start.ts'
import { workers } from './scenarios/workers.ts'

/** Everything that can be measured, in the order of docs/performance.md. */
export const SCENARIOS: readonly Scenario[] = [
  cached,
  ...signed,
  callers,
  body10k,
  bodyPlacement,
  policies10k,
  express,
  rs256TwoCores,
  rsaIsolation,
  claims,
  overhead,
  reload,
  idleMemory,
  start,
  workers,
  latency,
]
