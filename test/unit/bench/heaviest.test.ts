import { expect, it } from 'vitest'
import { heaviestFrames } from '../../../bench/heaviest.ts'

const node = (id: number, functionName: string, url = '') => ({
  id,
  callFrame: { functionName, url, lineNumber: 6 },
})

it('names the heaviest functions with their share of the time that was not idle', () => {
  const profile = {
    nodes: [
      node(1, '(idle)'),
      node(2, '(garbage collector)'),
      node(3, 'serve', 'file:///opt/countersign/dist/hosts/standalone.js'),
      // the same function, called from elsewhere
      node(4, 'serve', 'file:///opt/countersign/dist/hosts/standalone.js'),
      node(5, '', 'node:net'),
    ],
    samples: [1, 2, 3, 4, 5],
    timeDeltas: [900, 30, 40, 20, 10],
  }
  expect(heaviestFrames(profile, 2)).toEqual([
    { name: 'serve dist/hosts/standalone.js:7', share: 60 },
    { name: '(garbage collector)', share: 30 },
  ])
  expect(heaviestFrames(profile, 9)[2]).toEqual({ name: '(anonymous) node:net:7', share: 10 })
})
