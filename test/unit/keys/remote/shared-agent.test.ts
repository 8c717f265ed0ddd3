import { describe, expect, it } from 'vitest'
import { type AgentOptions, sharedAgent } from '../../../../src/keys/remote/shared-agent.ts'

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
