import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { CountersignError } from '../../../../src/errors.ts'
import {
  type NotedOutgoing,
  notedOutgoing,
  noteFailure,
  noteOutgoing,
} from '../../../../src/hosts/express/noted-outgoing.ts'
import type { Outgoing } from '../../../../src/hosts/prepare.ts'

const outgoing = {} as Outgoing
const gateway = {} as NotedOutgoing['gateway']

it('knows nothing of a message that was not noted, whatever fails about it', () => {
  const message = new IncomingMessage(new Socket())
  noteFailure(message, new CountersignError('internal', 'expected nothing'))
  expect(notedOutgoing(message)).toBeUndefined()
})

it('keeps the first failure', () => {
  const message = new IncomingMessage(new Socket())
  noteOutgoing(message, { outgoing, requestId: '1', gateway, observe: () => {} })
  noteFailure(message, new CountersignError('upstream/timeout', 'first'))
  noteFailure(message, new CountersignError('upstream/protocol', 'second'))
  expect(notedOutgoing(message)).toMatchObject({ requestId: '1', failure: { message: 'first' } })
})
