import { expect, it } from 'vitest'
import type { Criteria } from '../../../src/criteria.ts'
import { areDisjoint } from '../../../src/match/index.ts'

const id = { name: 'id' }

it.each<[Criteria, Criteria]>([
  [{ hosts: ['a'] }, { hosts: ['b'] }],
  [{ hosts: ['a:80'] }, { hosts: ['a:81', 'b'] }],
  [{ methods: ['GET'] }, { methods: ['POST', 'PUT'] }],
  [{ path: ['a'] }, { path: ['b', 'c'] }],
  [{ path: ['a', id, 'b'] }, { path: ['a', 'x', 'c'] }],
  [{ headers: [{ name: 'x', values: ['1'] }] }, { headers: [{ name: 'x', values: ['2', '3'] }] }],
  [
    { path: ['a'], headers: [{ name: 'y' }, { name: 'x', values: ['1'] }] },
    { headers: [{ name: 'x', values: ['2'] }] },
  ],
])('no request fulfils both %j and %j', (one, other) => {
  expect([areDisjoint(one, other), areDisjoint(other, one)]).toEqual([true, true])
})

it.each<[Criteria, Criteria]>([
  [{}, {}],
  [{ hosts: ['a'] }, { path: ['b'] }],
  [{ hosts: ['a'] }, { hosts: ['a:80'] }],
  [{ hosts: ['a', 'b'] }, { hosts: ['c', 'b'] }],
  [{ methods: ['GET', 'POST'] }, { methods: ['POST'] }],
  [{ path: ['a'] }, { path: ['a', 'b'] }],
  [{ path: ['a', id] }, { path: ['a', 'b'] }],
  [{ path: [] }, { path: ['b'] }],
  [{ headers: [{ name: 'x' }] }, { headers: [{ name: 'x', values: ['1'] }] }],
  [{ headers: [{ name: 'x', values: ['1'] }] }, { headers: [{ name: 'y', values: ['2'] }] }],
  [{ headers: [{ name: 'x', values: ['1', '2'] }] }, { headers: [{ name: 'x', values: ['2'] }] }],
  [{ holds: () => false }, {}],
])('some request may fulfil both %j and %j', (one, other) => {
  expect([areDisjoint(one, other), areDisjoint(other, one)]).toEqual([false, false])
})
