import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { compile } from '../../../src/expression/engine.ts'
import { parseTemplate } from '../../../src/expression/index.ts'
import { LIMITS } from '../../../src/expression/limits.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { request } from './request.ts'

const environment = fixedEnvironment()
const parse = (text: string) => parseTemplate(text, environment)

describe('evaluations of one compiled expression', () => {
  it.each([
    ['$.payload.id & "," & $$.payload.id & "," & payload.id'],
    ['$join($map([1, 2, 3], function($n) { $$.payload.id }), ",")'],
    [
      '(payload.id ~> $string ~> $replace(/^c/, "c")) & "," & $join([$.payload.id, payload.id], ",")',
    ],
    [
      '($say := function($s) { $s }; $join([$say(payload.id), $say($.payload.id), payload.id], ","))',
    ],
    ['($id := $substring(?, 0, 40); $join([$id(payload.id), payload.id.$id($), payload.id], ","))'],
    ['$join($split($replace(payload.list, /;/, ","), ","), ",")'],
    ['$join((payload ~> |$|{"ids": [id, id, id]}|).ids, ",")'],
    ['$join([$sort([payload.id])[0], $filter([payload.id], $exists), payload.id], ",")'],
  ])('do not mix, 2,000 in flight at once: %s', async (source) => {
    const template = parse(`#[${source}]`)
    const ids = Array.from({ length: 2000 }, (_, index) => `caller-${index}`)
    const results = await Promise.all(
      ids.map(async (id, index) => {
        if (index % 3 === 0) await setImmediate()
        return template.evaluate(request({ payload: { id, list: `${id};${id};${id}` } }))
      }),
    )
    expect(results).toEqual(ids.map((id) => `${id},${id},${id}`))
  })

  it('do not mix, 10,000 in flight at once', async () => {
    const template = parse('#[[attributes.headers.`x-user` & "", $string(payload.id), $$.vars.id]]')
    const headers = (id: string) => ({ attributes: { headers: { 'x-user': id } } })
    const ids = Array.from({ length: 10_000 }, (_, index) => `caller-${index}`)
    const results = await Promise.all(
      ids.map((id) => {
        return template.evaluate(request({ ...headers(id), payload: { id }, vars: { id } }))
      }),
    )
    expect(results).toEqual(ids.map((id) => [id, id, id]))
  })

  it('do not mix when a function waits', async () => {
    const { evaluate } = compile('[id, $wait(id), $$.id, $map([id], $wait)]', LIMITS)
    const results = await Promise.all(
      Array.from({ length: 500 }, async (_, id) => {
        const wait = async (value: unknown) => setImmediate(value)
        return evaluate({ id }, { environment, bindings: { wait } })
      }),
    )
    expect(JSON.parse(JSON.stringify(results))).toEqual(
      Array.from({ length: 500 }, (_, id) => [id, id, id, id]),
    )
  })

  it('have limits of their own', async () => {
    const template = parse('#[$sum($map([1..200], function($n) { $n * upstream.port }))]')
    const results = await Promise.all(
      Array.from({ length: 300 }, () => template.evaluate(request())),
    )
    expect(new Set(results)).toEqual(new Set([20_100 * 443]))
  })

  it('have variables of their own', async () => {
    const source = '($known := $exists($before); $before := 1; $known ? "leaked" : "fresh")'
    const template = parse(`#[${source}]`)
    expect(await template.evaluate(request())).toBe('fresh')
    expect(await template.evaluate(request())).toBe('fresh')
  })

  it('read the body of their own request', async () => {
    const template = parse('#[[$bodyHash(), $sha256(payload)]]')
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, index) => {
        const text = `body ${index}`
        return template.evaluate(request({ payload: text, body: Buffer.from(text) }))
      }),
    )
    for (const pair of results) {
      const [ofBytes, ofText] = pair as string[]
      expect(ofBytes).toBe(ofText)
    }
  })
})
