import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { type AlgorithmName, loadKey } from '../../src/keys/index.ts'
import { ecKeys, rsaKeys, type TestKeyPair } from '../support/keys.ts'
import { recordingScope } from '../support/recording-scope.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { compact } from '../unit/keys/compact.ts'

const openssl = spawnSync('openssl', ['version']).status === 0
if (!openssl) console.warn('skipped: openssl is not on the PATH')

describe.skipIf(!openssl)('openssl on the command line', () => {
  it.each([
    ['RS256', rsaKeys(), (signature: Buffer) => signature],
    ['ES256', ecKeys(), derSignature],
  ] as const)('verifies our %s token, and not a changed one', async (name, pair, encode) => {
    const token = await sign(name, pair)
    const [header, claims, signature] = token.split('.')
    const folder = await tempFolder({
      'public.pem': pair.spki,
      'input.txt': `${header}.${claims}`,
      'changed.txt': `${header}.${claims}x`,
      'signature.bin': encode(Buffer.from(signature!, 'base64url')),
    })
    const verify = (input: string) =>
      spawnSync(
        'openssl',
        ['dgst', '-sha256', '-verify', 'public.pem', '-signature', 'signature.bin', input],
        { cwd: folder.path, encoding: 'utf8' },
      ).stdout.trim()

    expect(verify('input.txt')).toBe('Verified OK')
    expect(verify('changed.txt')).toBe('Verification failure')
  })
})

async function sign(signingMethod: AlgorithmName, pair: TestKeyPair): Promise<string> {
  const { scope } = recordingScope({ variables: { KEY: pair.pkcs8 } })
  const key = await loadKey({ signingMethod, privateKey: { env: 'KEY' } }, scope)
  return compact(key!.signer, { sub: 'ann' })
}

/** r‖s (RFC 7518 section 3.4) as the DER sequence of two integers that openssl reads (RFC 3279). */
function derSignature(raw: Buffer): Buffer {
  const half = raw.length / 2
  const integers = [raw.subarray(0, half), raw.subarray(half)].map((bytes) => {
    const first = bytes.findIndex((byte) => byte !== 0)
    const value = bytes.subarray(first)
    const body = value[0]! & 0x80 ? Buffer.concat([Buffer.of(0), value]) : value
    return Buffer.concat([Buffer.of(0x02, body.length), body])
  })
  const body = Buffer.concat(integers)
  return Buffer.concat([Buffer.of(0x30, body.length), body])
}
