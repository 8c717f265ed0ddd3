import express from 'express'
import { proxy } from '../../src/hosts/express.ts'
import { serve, signing } from '../express/host.ts'
import { ecKeys } from './keys.ts'
import { startProxy } from './proxy.ts'

/** The hosts that forward requests. */
export const HOSTS = ['standalone', 'express'] as const

/** What a host serves: YAML texts; `{ env: KEY }` finds `ecKeys()`. */
interface Served {
  readonly policies: string
  readonly gateway: string
}

/** Starts one of the hosts and gives its port; it stops when the test has finished. */
export async function startHost(host: (typeof HOSTS)[number], served: Served): Promise<number> {
  if (host === 'standalone') {
    return (await startProxy({ ...served, variables: { KEY: ecKeys().pkcs8 } })).port
  }
  const app = express()
  app.use(await signing(served.policies, { gateway: served.gateway }), proxy())
  return serve(app)
}
