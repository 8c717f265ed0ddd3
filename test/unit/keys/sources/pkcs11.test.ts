import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { privateKeySchema } from '../../../../src/keys/index.ts'
import { runCountersign } from '../../../support/process.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

const CONFIG = { library: '/usr/lib/token.so', token: 'orders', label: 'key', pin: { env: 'PIN' } }

describe('a PKCS#11 key as written', () => {
  it.each([
    ['nothing more than needed', {}],
    ['an id', { id: '01aF' }],
    ['a PIN in a file', { pin: { file: 'pin' } }],
    ['a timeout', { timeout: '500ms' }],
  ])('may have %s', (_, members) => {
    const source = { pkcs11: { ...CONFIG, ...members } }
    expect(privateKeySchema.safeParse(source).success).toBe(true)
  })

  it.each([
    [
      'a relative path, so that the place of the file cannot choose the code',
      { library: 'token.so' },
    ],
    ['a path of two lines', { library: '/usr/lib/token.so\n' }],
    ['the PIN itself', { pin: '1234' }],
    ['an id in half bytes', { id: '01a' }],
    ['an id that is not hexadecimal', { id: '0x01' }],
    ['an empty label', { label: '' }],
    ['a label that no token has room for', { token: 'x'.repeat(33) }],
    ['a slot', { slot: 0 }],
    ['a timeout without a unit', { timeout: 500 }],
  ])('may not have %s', (_, members) => {
    const source = { pkcs11: { ...CONFIG, ...members } }
    expect(privateKeySchema.safeParse(source).success).toBe(false)
  })

  it('needs the package pkcs11js, and says how to get it', async () => {
    const folder = await tempFolder({
      'orders.yaml': JSON.stringify({
        name: 'orders',
        jwt: { signingMethod: 'ES256', privateKey: { pkcs11: CONFIG }, exp: 60 },
      }),
      'absent.mjs': `
        import { registerHooks } from 'node:module'
        registerHooks({
          resolve(name, context, next) {
            if (name === 'pkcs11js') throw Object.assign(new Error(), { code: 'ERR_MODULE_NOT_FOUND' })
            return next(name, context)
          },
        })`,
    })
    const bin = fileURLToPath(new URL('../../../../bin/countersign.js', import.meta.url))
    const { code, stdout, stderr } = await runCountersign(['validate', folder.path], {
      command: [process.execPath, '--import', `${folder.path}/absent.mjs`, bin],
      env: { PIN: '1234' },
    })
    expect(code).toBe(1)
    expect(stdout + stderr).toMatch(/key\/unavailable.*pkcs11js/)
    expect(stdout + stderr).toContain('npm install pkcs11js')
  })
})
