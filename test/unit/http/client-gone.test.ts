import { expect, it } from 'vitest'
import { clientGone } from '../../../src/http/client-gone.ts'

it('keeps what the connection failed with as its cause', () => {
  const cause = new Error('aborted')
  expect(clientGone(cause)).toMatchObject({ code: 'request/aborted', cause })
})
