import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { ecKeys } from '../support/keys.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { AT } from './host.ts'

const HOST = new URL('../../src/hosts/express.ts', import.meta.url).href

const APPLICATION = `
import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import express from 'express'
import { countersign, proxy } from '${HOST}'

const [folder] = process.argv.slice(-1)
const files = { policies: \`\${folder}/policies\`, config: \`\${folder}/countersign.yaml\` }
const sign = countersign({ ...files, watch: false, observe() {} })
const server = express().use(sign, proxy()).listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  get({ port, agent: false, headers: { 'x-user': 'ann' } }, async (answer) => {
    process.stdout.write(await text(answer))
    server.close()
  })
})
`

it('lets the process of an application end although connections to its upstream wait', async () => {
  const upstream = await recordingUpstream()
  onTestFinished(upstream.close)
  const folder = await tempFolder({
    'policies/test.yaml': AT.header,
    'countersign.yaml': `routes: [{ name: all, upstream: { url: "${upstream.url}", timeouts: { idle: 1h } } }]`,
  })
  const program = ['--input-type=module', '--eval', APPLICATION, '--', folder.path]
  const ended = await promisify(execFile)(process.execPath, program, {
    env: { ...process.env, KEY: ecKeys().pkcs8 },
    cwd: new URL('../..', import.meta.url).pathname,
    timeout: 15_000,
  })
  expect(ended.stdout).toBe('ok')
  expect(upstream.connections()).toHaveLength(1)
})
