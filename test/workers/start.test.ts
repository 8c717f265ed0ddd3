import { createServer } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { freePort } from '../support/listening.ts'
import { runCountersign } from '../support/process.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'
import { tempFolder } from '../support/temp-folder.ts'

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 })

const FREE = ['--listen', '127.0.0.1:0', '--management', '127.0.0.1:0', '--workers', '3']

async function serve(policy: string, flags: readonly string[] = FREE) {
  const folder = await tempFolder({ 'a.yaml': policy })
  const upstream = ['--upstream', 'http://127.0.0.1:9', '--policies', folder.path]
  return await runCountersign(['serve', ...upstream, ...flags], { env: signedVariables() })
}

it('is refused with 1, and says what is wrong once for all workers', async () => {
  const { code, stdout, stderr } = await serve(SIGNED.replace('exp: 300', 'expp: 300'))
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr.match(/error\[schema\/unknown-key\]/g)).toHaveLength(1)
  expect(stderr.match(/a restart will not help/g)).toHaveLength(1)
})

it('is refused with 1 when the port is in use, and says so once', async () => {
  const other = createServer()
  const port = await freePort(other)
  onTestFinished(() => void other.close())
  const { code, stderr } = await serve(SIGNED, [...FREE, '--listen', `127.0.0.1:${port}`])
  expect(code).toBe(1)
  expect(stderr.match(/the port is in use/g)).toHaveLength(1)
})

it.each(['0', 'two', '1.5', '257'])('is a usage error with --workers %s', async (workers) => {
  const { code, stderr } = await serve(SIGNED, ['--workers', workers])
  expect(code).toBe(2)
  expect(stderr).toContain('expected a number from 1 to 256, or auto')
})
