import { createServer, type RequestListener } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { systemEnvironment } from '../../src/environment.ts'
import { type Countersign, type CountersignOptions, countersign } from '../../src/hosts/express.ts'
import type { RequestEvent } from '../../src/observe.ts'
import { ecKeys } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** A policy that puts a token at `place`; the key is `ecKeys()`. */
export function policyAt(place: string, more = ''): string {
  return `
name: test
${more}
jwt:
  signingMethod: ES256
  privateKey: { env: KEY }
  exp: 300
  sub: "#[attributes.headers.\`x-user\`]"
inject: ${place}
`
}

/** Policy texts for the usual places. */
export const AT = {
  header: policyAt('{ location: header, name: authorization, scheme: Bearer }'),
  query: policyAt('{ location: query, name: token }'),
  cookie: policyAt('{ location: cookie, name: token }'),
  json: policyAt('{ location: body, name: /token }'),
  form: policyAt('{ location: body, name: token }'),
} as const

/** A middleware with `policies` that closes after the test, and the request events it told. */
export async function signing(
  policies: string,
  { gateway, ...options }: CountersignOptions & { readonly gateway?: string } = {},
): Promise<Countersign & { readonly events: readonly RequestEvent[] }> {
  const folder = await tempFolder({ 'policies/test.yaml': policies })
  const events: RequestEvent[] = []
  const middleware = countersign({
    policies: `${folder.path}/policies`,
    watch: false,
    environment: {
      ...systemEnvironment(),
      variable: (name) => (name === 'KEY' ? ecKeys().pkcs8 : undefined),
    },
    observe(event) {
      if (event.type === 'request') events.push(event)
    },
    ...(gateway !== undefined && { config: await folder.write('countersign.yaml', gateway) }),
    ...options,
  })
  await middleware.ready
  onTestFinished(middleware.close)
  return Object.assign(middleware, { events })
}

/** Serves on a free port of 127.0.0.1 until the test has finished. */
export async function serve(listener: RequestListener): Promise<number> {
  return await listening(createServer(listener))
}

/** Waits up to two seconds for `holds`. */
export async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 2000; !holds(); await wait(5)) {
    if (Date.now() > end) throw new Error(`never came true: ${holds}`)
  }
}
