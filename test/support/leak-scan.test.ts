import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createLeakScan } from './leak-scan.ts'

const secret = `"ü${randomBytes(24).toString('base64url')}\n`
const scan = createLeakScan()
scan.hide('the secret', secret)
const bytes = Buffer.from(secret)

describe('leaksIn finds a secret', () => {
  it.each([
    ['as it is', secret],
    ['a part of it', secret.slice(5, 22)],
    ['in base64', bytes.toString('base64')],
    ['in base64 behind one byte', Buffer.from(`x${secret}y`).toString('base64')],
    ['in base64 behind two bytes', Buffer.from(`xy${secret}`).toString('base64')],
    ['in base64url', Buffer.from(`user:${secret}`).toString('base64url')],
    ['in hex', bytes.toString('hex')],
    ['in upper-case hex', bytes.toString('hex').toUpperCase()],
    ['percent-encoded', encodeURIComponent(secret)],
    ['JSON-escaped', JSON.stringify({ secret })],
    ['backwards', [...secret].reverse().join('')],
  ])('%s', (_spelling, text) => {
    expect(scan.leaksIn(`before ${text} after`)).toEqual(['the secret'])
  })

  it('that is the claims or the signature of a token', () => {
    const tokens = createLeakScan()
    const [header, claims, signature] = [9, 40, 32].map((size) => randomBytes(size))
    const segments = [header, claims, signature].map((part) => part?.toString('base64url') ?? '')
    tokens.hideToken('the token', segments.join('.'))
    expect(tokens.leaksIn(segments[0] as string)).toEqual([])
    expect(tokens.leaksIn(segments[1] as string)).toEqual(['the token'])
    expect(tokens.leaksIn(segments[2] as string)).toEqual(['the token'])
  })

  it('and nothing in other text', () => {
    expect(scan.leaksIn(randomBytes(4000).toString('base64'))).toEqual([])
    expect(scan.leaksIn(secret.slice(5, 20))).toEqual([])
  })
})
