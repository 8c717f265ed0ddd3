import { createDecoder } from 'fast-jwt'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/types.ts'
import { errorCode } from '../../support/error-code.ts'
import { requestContext } from '../../support/request-context.ts'
import { compileJwt } from './source.ts'

const decode = createDecoder({ complete: true })

async function headerOf(block: object, payload: unknown = {}) {
  const { source, faults } = await compileJwt(block)
  expect(faults).toEqual([])
  const { value } = await source!.issue(requestContext({}, { payload }))
  return decode(value.reveal()).header as Record<string, Json>
}

const custom = (...customHeaders: object[]) => ({ customHeaders })

describe('the JOSE header', () => {
  it.each<[object, object]>([
    [{}, { alg: 'HS256', typ: 'JWT' }],
    [{ kid: 'k1' }, { alg: 'HS256', typ: 'JWT', kid: 'k1' }],
    [custom({ name: 'kid', value: 'k1' }), { alg: 'HS256', typ: 'JWT', kid: 'k1' }],
    [custom({ name: 'typ', value: 'at+jwt' }), { alg: 'HS256', typ: 'at+jwt' }],
    [custom({ name: 'typ', value: '#[payload.typ]' }), { alg: 'HS256', typ: 'dpop+jwt' }],
    [custom({ name: "#['typ']", value: 'at+jwt' }), { alg: 'HS256', typ: 'at+jwt' }],
    [custom({ name: 'typ', value: null }), { alg: 'HS256' }],
    [custom({ name: 'x5c', value: ['a'] }), { alg: 'HS256', typ: 'JWT', x5c: ['a'] }],
    [custom({ name: 'org', value: '7', type: 'integer' }), { alg: 'HS256', typ: 'JWT', org: 7 }],
    [custom({ name: '#[payload.name]', value: 1 }), { alg: 'HS256', typ: 'JWT', tenant: 1 }],
  ])('of %j is %j', async (block, header) => {
    expect(await headerOf(block, { typ: 'dpop+jwt', name: 'tenant' })).toEqual(header)
  })

  it.each<[object, string, string]>([
    [custom({ name: 'alg', value: 'none' }), 'claim/duplicate', '0.name'],
    [custom({ name: 'b64', value: false }), 'claim/duplicate', '0.name'],
    [custom({ name: 'crit', value: ['b64'] }), 'claim/duplicate', '0.name'],
    [custom({ name: "#['kid']", value: 'k' }), 'claim/duplicate', '0.name'],
    [custom({ name: 'a', value: 1 }, { name: 'a', value: 2 }), 'claim/duplicate', '1.name'],
    [{ kid: 'k1', ...custom({ name: 'kid', value: 'k1' }) }, 'key/kid', '0'],
    [custom({ name: 'kid', value: 'a' }, { name: 'kid', value: 'b' }), 'key/kid', '1'],
    [custom({ name: 'kid', value: '#[payload.kid]' }), 'key/kid', '0'],
    [custom({ name: 'kid', value: 7 }), 'key/kid', '0'],
    [custom({ name: 'kid', value: 'line\nbreak' }), 'key/kid', '0'],
    [custom({ name: 'typ', value: 7 }), 'claim/type', '0.value'],
    [custom({ name: 'jwk', value: 'x' }), 'claim/type', '0.value'],
    [custom({ name: 'x5c', value: [] }), 'claim/type', '0.value'],
    [custom({ name: 'n', value: '#[(]' }), 'expr/syntax', '0.value'],
  ])('of %j is reported as %s at %s', async (block, rule, place) => {
    const { faults } = await compileJwt(block)
    const found = faults.map((fault) => `${fault.rule} ${fault.path.join('.')}`)
    expect(found).toEqual([`${rule} customHeaders.${place}`])
  })

  const REGISTERED =
    'alg jku jwk kid x5u x5c x5t x5t#S256 typ cty crit b64 enc zip epk apu apv iv tag p2s p2c'

  it.each(REGISTERED.split(' '))('T090 never takes a computed %s', async (name) => {
    const value = { jwk: {}, x5c: ['x'] }[name] ?? 'none'
    const { source } = await compileJwt(custom({ name: '#[payload.name]', value }))
    const run = () => source!.issue(requestContext({}, { payload: { name } }))
    expect(await errorCode(run)).toBe('claim/duplicate')
  })
})
