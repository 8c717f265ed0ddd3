import { expect, it } from 'vitest'
import { withoutRemoved } from '../../../src/http/index.ts'
import { requestHead } from '../../support/request-context.ts'

const head = requestHead({
  requestPath: '/a',
  requestUri: '/a?x=1&key=k&KEY=l',
  queryString: 'x=1&key=k&KEY=l',
  queryParams: { x: '1', key: 'k', KEY: 'l' },
  headers: {
    host: 'h',
    'x-api-key': 'k',
    x_api_key: 'l',
    cookie: ['a=1; session=s', 'SESSION=t'],
  },
})

it('leaves out fields under every alias', () => {
  const { headers } = withoutRemoved(head, { removeHeaders: ['x-api-key'] })
  expect(Object.keys(headers)).toEqual(['host', 'cookie'])
})

it('leaves out parameters under every spelling, also of the target', () => {
  expect(withoutRemoved(head, { removeQuery: ['key'] })).toMatchObject({
    queryString: 'x=1',
    queryParams: { x: '1' },
    requestUri: '/a?x=1',
  })
})

it('leaves no question mark without a query', () => {
  expect(withoutRemoved(head, { removeQuery: ['key', 'x'] }).requestUri).toBe('/a')
})

it('leaves out cookies, and the field when none is left', () => {
  const headers = (names: string[]) => withoutRemoved(head, { removeCookies: names }).headers
  expect(headers(['session']).cookie).toBe('a=1')
  expect(headers(['session', 'a'])).not.toHaveProperty('cookie')
})

it('keeps a head from which nothing is taken', () => {
  expect(withoutRemoved(head, {})).toEqual(head)
  expect(withoutRemoved(head, {}).headers).toBe(head.headers)
})

it('keeps a target that has none of the parameters as it came', () => {
  const bare = { ...head, requestUri: '/a?', queryString: '', queryParams: {} }
  expect(withoutRemoved(bare, { removeQuery: ['key'] })).toEqual(bare)
})

it('keeps the fields of a head without cookies', () => {
  const { cookie: _, ...headers } = head.headers
  const bare = { ...head, headers }
  expect(withoutRemoved(bare, { removeCookies: ['session'] }).headers).toBe(headers)
})
