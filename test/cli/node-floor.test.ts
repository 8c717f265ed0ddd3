import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runCountersign } from '../support/process.ts'

const floor = new URL('../../bin/node-floor.js', import.meta.url).href
const { nodeFault } = (await import(floor)) as { nodeFault(version: string): string | undefined }

describe('the floor under the version of Node', () => {
  it.each(['24.18.1', '24.18.2', '24.19.0', '26.5.1', '26.6.0', '26.10.0', '27.0.0', '30.1.2'])(
    'accepts %s',
    (version) => expect(nodeFault(version)).toBeUndefined(),
  )

  it.each([
    '0.12.18',
    '18.20.8',
    '20.20.2',
    '22.21.0',
    '24.18.0',
    '24.9.9',
    '25.0.0',
    '25.9.0',
    '26.5.0',
    '26.0.0',
    '26.5.1-rc.1',
  ])('refuses %s and says so in one sentence', (version) => {
    expect(nodeFault(version)).toMatch(
      /^countersign needs Node\.js .*24\.18\.1.*26\.5\.1.* this is /,
    )
    expect(nodeFault(version)).toContain(version)
    expect(nodeFault(version)).not.toContain('\n')
  })

  it('is the floor that package.json declares', () => {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
    expect(JSON.parse(manifest).engines.node).toBe('^24.18.1 || >=26.5.1')
  })

  it('ends an old Node of this machine with 1 before anything is loaded', async ({ skip }) => {
    const old = oldNode()
    skip(old === undefined, 'this machine has no Node below the floor at /usr/bin/node')
    const bin = new URL('../../bin/countersign.js', import.meta.url).pathname
    const { code, stdout, stderr } = await runCountersign(['serve'], {
      command: [old as string, bin],
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/^countersign needs Node/)])
  })
})

function oldNode(): string | undefined {
  const path = '/usr/bin/node'
  try {
    const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim().slice(1)
    return nodeFault(version) === undefined ? undefined : path
  } catch {
    return undefined
  }
}
