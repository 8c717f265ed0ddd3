import { createServer } from 'node:https'
import { request } from 'undici'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type AgentOptions, sharedAgent } from '../../../../src/keys/remote/shared-agent.ts'
import { canMakeCertificates, makeCertificate } from '../../../support/certificate.ts'
import { listening } from '../../../support/listening.ts'

const OPTIONS: AgentOptions = { origin: 'https://vault.internal', ca: undefined, timeout: 2000 }

describe('the agent for a server', () => {
  it('is one for the same options', () => {
    expect(sharedAgent({ ...OPTIONS })).toBe(sharedAgent(OPTIONS))
  })

  it.each<[string, Partial<AgentOptions>]>([
    ['another server', { origin: 'https://vault.internal:8200' }],
    ['other authorities', { ca: '-----BEGIN CERTIFICATE-----' }],
    ['another timeout', { timeout: 2001 }],
  ])('is another for %s', (_, other) => {
    expect(sharedAgent({ ...OPTIONS, ...other })).not.toBe(sharedAgent(OPTIONS))
  })

  it('is kept while it is asked for, and not when many others were', () => {
    const [used, unused] = [
      { ...OPTIONS, timeout: 1 },
      { ...OPTIONS, timeout: 2 },
    ]
    const [first, second] = [sharedAgent(used), sharedAgent(unused)]
    for (let port = 1; port <= 40; port += 1) {
      sharedAgent({ ...OPTIONS, origin: `https://vault.internal:${port}` })
      expect(sharedAgent(used)).toBe(first)
    }
    expect(sharedAgent(unused)).not.toBe(second)
  })
})

afterEach(() => {
  vi.unstubAllEnvs()
})

if (!canMakeCertificates) {
  process.stderr.write('skipped: TLS to a key server, as openssl is not on the PATH\n')
}

it.skipIf(!canMakeCertificates)(
  'T057 refuses a certificate that nobody known has signed, whatever the environment allows',
  async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const origin = `https://localhost:${await listening(createServer(await makeCertificate()))}`
    const dispatcher = sharedAgent({ ...OPTIONS, origin })
    await expect(request(origin, { dispatcher })).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
    await dispatcher.destroy()
  },
)
