import type { PKCS11 } from 'pkcs11js'
import { describe, expect, it } from 'vitest'
import type { Cryptoki, Library } from '../../../../src/keys/remote/pkcs11-library.ts'
import { openToken } from '../../../../src/keys/remote/pkcs11-token.ts'
import { Secret } from '../../../../src/secret.ts'
import { errorCode } from '../../../support/error-code.ts'

const RIGHT = 'right'

/** A library with one token, which counts the PINs that it is asked to take; `restart` ends all of its sessions. */
function library() {
  const tried: string[] = []
  let life = 1
  const calls: Partial<PKCS11> = {
    C_GetSlotList: () => [Buffer.alloc(8)],
    C_GetTokenInfo: () => ({ label: 'orders'.padEnd(32) }) as never,
    C_OpenSession: () => Buffer.alloc(8),
    C_CloseSession: () => {},
    C_Login(_session, _user, pin) {
      tried.push(pin ?? '')
      if (pin !== RIGHT) throw new Error('CKR_PIN_INCORRECT:160')
    },
  }
  const shared: Library = {
    cryptoki: { CKF_SERIAL_SESSION: 4, CKU_USER: 1 } as Cryptoki,
    use: (operation) => operation(calls as PKCS11, life),
  }
  return {
    tried,
    restart: () => (life += 1),
    open: (pin: string) =>
      errorCode(() =>
        openToken(shared, 'orders', new Secret(pin)).use(
          async () => 'opened',
          new AbortController().signal,
        ),
      ),
  }
}

describe('the login to a token', () => {
  it('tries each wrong PIN once, whatever is tried between', async () => {
    const { open, tried } = library()
    for (const pin of ['a', 'b', 'a', 'b', 'c', 'a']) await open(pin)
    expect(tried).toEqual(['a', 'b', 'c'])
  })

  it('tries the right one after wrong ones, and no other then', async () => {
    const { open, tried } = library()
    expect(await open('a')).toBe('CKR_PIN_INCORRECT')
    expect(await open(RIGHT)).toBe('none')
    expect(await open('b')).toBe('pin-changed')
    expect(await open('a')).toBe('pin-changed')
    expect(tried).toEqual(['a', RIGHT])
  })

  it('tries the right one again in another life of the library, even after wrong ones', async () => {
    const { open, restart, tried } = library()
    await open(RIGHT)
    restart()
    expect(await open('a')).toBe('CKR_PIN_INCORRECT')
    expect(await open(RIGHT)).toBe('none')
    expect(tried).toEqual([RIGHT, 'a', RIGHT])
  })

  it('tries nothing more after sixteen wrong ones', async () => {
    const { open, tried } = library()
    for (let pin = 0; pin < 40; pin += 1) await open(String(pin))
    expect(await open(RIGHT)).toBe('pin-refused')
    expect(tried).toHaveLength(16)
  })
})
