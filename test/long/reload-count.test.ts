import { readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { openGateway } from '../../src/config/index.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { ecKeys } from '../support/keys.ts'
import { requestContext, requestHead } from '../support/request-context.ts'
import { tempFolder } from '../support/temp-folder.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const RELOADS = 10_000
const MIB = 1024 * 1024

it('R8 10,000 reloads leave nothing behind, in memory or open', async () => {
  const policy = (version: number) =>
    `name: p\njwt: { signingMethod: ES256, privateKey: { file: k.pem }, exp: 300, iss: v${version} }\n`
  const folder = await tempFolder({ 'k.pem': ecKeys().pkcs8, 'p.yaml': policy(0) })
  let files = policy(0)
  // what is read is not what the disk has
  const { stamps: _, ...system } = systemEnvironment()
  const { gateway, reload, close } = await openGateway({
    policies: folder.path,
    upstream: 'http://127.0.0.1:9',
    // a change a reload, without the time that a disk takes
    environment: {
      ...system,
      readFile: async (path) =>
        path.endsWith('p.yaml') ? Buffer.from(files) : system.readFile(path),
    },
    watch: true,
    observe: () => {},
  })
  const use = async () => {
    const [first] = gateway.match(requestHead())?.policies ?? []
    await first?.entry.evaluate(requestContext())
  }
  const run = async (from: number, to: number) => {
    for (let version = from; version < to; version += 1) {
      files = policy(version)
      expect(await reload()).toBe(true)
      await use()
    }
    collect()
    return { heap: process.memoryUsage().heapUsed, open: readdirSync('/proc/self/fd').length }
  }
  const warm = await run(1, RELOADS / 10)
  const end = await run(RELOADS / 10, RELOADS)
  close()
  console.log(`R8: heap grew by ${((end.heap - warm.heap) / MIB).toFixed(1)} MiB`)
  expect(end.heap - warm.heap).toBeLessThan(10 * MIB)
  expect(end.open).toBeLessThanOrEqual(warm.open)
}, 290_000)
