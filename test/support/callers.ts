import { createVerifier } from 'fast-jwt'
import { credentialKinds } from '../../src/credentials/index.ts'
import { systemEnvironment } from '../../src/environment.ts'
import type { CredentialSource } from '../../src/types.ts'
import { hmacSecret } from './keys.ts'
import { recordingScope } from './recording-scope.ts'
import { requestContext } from './request-context.ts'
import { sourceOptions } from './source-options.ts'

/** What many callers of one policy got. */
export interface CallersOutcome {
  /** Requests whose token was not the caller's own. */
  readonly mixed: readonly string[]
  /** Tokens by how they were had. */
  readonly results: Readonly<Record<string, number>>
  /** Of twice as many callers as the cache has room for, those whose token was in it at the end. */
  readonly kept: number
}

/** Requests under way at once. */
const CONCURRENCY = 64
/** Callers that come back again and again. */
const REGULARS = 100

/**
 * Lets that many callers ask one policy for tokens, each at least once, in a mixed order, 64 at a time, with a
 * cache of `maxEntries`, and verifies every token against its caller.
 */
export async function runCallers(callers: number, maxEntries: number): Promise<CallersOutcome> {
  const secret = hmacSecret()
  const source = await policy(secret, maxEntries)
  const verify = createVerifier({ key: secret, algorithms: ['HS256'] })
  const mixed: string[] = []
  const results: Record<string, number> = {}

  async function ask(caller: string): Promise<string> {
    const { value, trace } = await source.issue(requestContext({}, { payload: { caller } }))
    const { sub, org } = verify(value.reveal())
    if (sub !== caller || org?.member !== caller.toUpperCase()) mixed.push(caller)
    const result = trace?.cache ?? ''
    results[result] = (results[result] ?? 0) + 1
    return result
  }

  const visits = order(callers)
  const worker = async () => {
    for (let next = visits.pop(); next !== undefined; next = visits.pop()) {
      await ask(`caller-${next}`)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))

  // Twice as many as there is room for ask once more: a hit is an entry that was there before this.
  let kept = 0
  for (let caller = 0; caller < 2 * maxEntries; caller += 1) {
    if ((await ask(`caller-${caller}`)) === 'hit') kept += 1
  }
  source.close()
  return { mixed, results, kept }
}

async function policy(secret: string, maxEntries: number): Promise<CredentialSource> {
  const variables = { KEY: secret }
  const environment = {
    ...systemEnvironment(),
    variable: (name: string) => variables[name as 'KEY'],
  }
  const { scope, faults } = recordingScope({ environment })
  const config = credentialKinds.jwt.schema.parse({
    signingMethod: 'HS256',
    privateKey: { env: 'KEY' },
    exp: 3600,
    // read at once
    sub: '#[payload.caller]',
    customClaims: [
      // takes time, so that others come between
      { name: '/org/member', value: '#[$uppercase(payload.caller)]' },
      { name: 'nonce', value: '#[$nonce()]' },
    ],
  })
  const options = { ...sourceOptions, cache: { maxEntries } }
  const source = await credentialKinds.jwt.create(config, scope, options)
  if (!source || faults.length > 0) throw new Error('expected a policy without faults')
  return source
}

/** A prime that divides no number of callers used here: steps of it, round and round, meet each once. */
const STEP = 7919

/** Every caller once, in an order that looks random and is the same each time, and the regulars between them. */
function order(callers: number): number[] {
  const visits = Array.from({ length: callers }, (_, visit) => (visit * STEP) % callers)
  return visits.flatMap((caller, visit) =>
    visit % 3 === 0 ? [caller, visit % REGULARS] : [caller],
  )
}
