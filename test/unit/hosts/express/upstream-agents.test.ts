import { once } from 'node:events'
import { createServer, get } from 'node:https'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createUpstreamAgents } from '../../../../src/hosts/express/upstream-agents.ts'
import { canMakeCertificates, makeCertificate } from '../../../support/certificate.ts'
import { listening } from '../../../support/listening.ts'
import { upstreamAt } from '../../../support/upstream.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

if (!canMakeCertificates) {
  process.stderr.write('skipped: TLS of the agents, as openssl is not on the PATH\n')
}

describe.skipIf(!canMakeCertificates)('the agent of an upstream', () => {
  it('T057 refuses a certificate that nobody known has signed, whatever the environment allows', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const url = `https://localhost:${await listening(createServer(await makeCertificate()))}`
    const agent = createUpstreamAgents()(upstreamAt(url))
    const answered = once(get(url, { agent }), 'response')
    await expect(answered).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    agent.destroy()
  })
})
