import { describe, expect, it } from 'vitest'
import { startCanaryProcess } from '../support/canary-process.ts'

const NAMES = ['__proto__', 'constructor', 'toString', '__defineGetter__']

describe('T078 serves with every kind of policy, and names that pollute,', () => {
  // Node itself assigns header fields to a plain object, which these two settings forbid for one name each
  it.each([
    ['as Node is', '', NAMES],
    ['with --disable-proto=throw', '--disable-proto=throw', NAMES.slice(1)],
    [
      'with a frozen Object.prototype',
      '--import=data:text/javascript,Object.freeze(Object.prototype)',
      NAMES.filter((name) => !['constructor', 'toString', '__defineGetter__'].includes(name)),
    ],
  ])('%s', async (_, options, names) => {
    const proxy = await startCanaryProcess(options)
    const lines = names.map((name) => `${name}: polluted`)
    const statuses: Record<string, number> = {}
    for (const path of proxy.paths) {
      statuses[path] = (await proxy.send(proxy.request(path, lines))).status
    }
    const { code, uncaught, added, stderr } = await proxy.stop()
    expect(statuses).toEqual(Object.fromEntries(proxy.paths.map((path) => [path, 200])))
    expect({ code, uncaught, added }, stderr).toEqual({ code: 0, uncaught: 0, added: [] })
  })
})
