import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { corpus } from '../../../support/corpus.ts'
import { examiner } from './authenticator-under-test.ts'
import { CONFIGS, claims, jws } from './inbound-token.ts'

const texts = corpus('json-parsing/test_parsing')
const strings = corpus('naughty-strings.json')
const HS = { alg: 'HS256' }

/** Long runs of `[` are too long for a token; what is left of them is deep enough. */
const LIMIT = 4096

describe.skipIf(texts === undefined)('the JSON of a token', () => {
  const names = readdirSync(texts ?? '.').filter((name) => name.startsWith('n_'))
  const read = (name: string) => readFileSync(`${texts}/${name}`).subarray(0, LIMIT)

  it('is none of the texts that every parser must refuse', async () => {
    const { examine } = await examiner(CONFIGS.hs)
    const inClaims = (text: Buffer) =>
      Buffer.concat([
        Buffer.from(`${JSON.stringify(claims()).slice(0, -1)},"a":`),
        text,
        Buffer.from('}'),
      ])
    expect(names.length).toBeGreaterThan(150)
    for (const name of names) {
      for (const token of [jws(HS, read(name)), jws(read(name), claims())]) {
        expect(await examine(token), name).toEqual({ refused: { reason: 'malformed' } })
      }
      // some end where the object goes on, so that the whole is JSON after all
      const whole = inClaims(read(name))
      const finding = await examine(jws(HS, whole))
      expect('caller' in (finding ?? {}), name).toBe(isJson(whole))
    }
  })
})

/** True for JSON in UTF-8 as another parser reads it. */
function isJson(bytes: Buffer): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe.skipIf(strings === undefined)('a name in a token', () => {
  it('may be any text, which it stays', async () => {
    const { examine } = await examiner(CONFIGS.hs)
    const list: string[] = JSON.parse(readFileSync(strings ?? '', 'utf8'))
    const names = list.filter((text) => text !== '' && text.isWellFormed() && text.length < LIMIT)
    expect(names.length).toBeGreaterThan(400)
    for (const loginname of names) {
      const finding = await examine(jws(HS, claims({ loginname })))
      expect(finding).toMatchObject({ caller: { principal: loginname } })
    }
  })
})
