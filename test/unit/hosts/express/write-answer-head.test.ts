import { createServer, type ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { writeAnswerHead } from '../../../../src/hosts/express/write-answer-head.ts'
import { listening } from '../../../support/listening.ts'
import { rawRequest } from '../../../support/raw-client.ts'

const NOTHING = { credentials: [], inQuery: false, exposed: [] }

/** What a client gets that `answer` writes the head for. */
async function answered(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_message, response) => {
    response.sendDate = false
    answer(response)
    response.end()
  })
  const ask = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
  return (await rawRequest(await listening(server), ask)).text
}

function head(reason: string, ...fields: string[]) {
  return { reason, fields, isStream: false }
}

it('writes the fields as they were written, lines of one name under the first of its spellings', async () => {
  const text = await answered((response) => {
    const fields = ['X-One', '1', 'Set-Cookie', 'a', 'set-cookie', 'b', 'SET-COOKIE', 'c']
    writeAnswerHead(response, 203, head('Perhaps', ...fields), NOTHING)
  })
  const lines = 'X-One: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nSet-Cookie: c\r\n'
  expect(text).toContain(`HTTP/1.1 203 Perhaps\r\n${lines}`)
})

it("replaces what handlers before have set, and keeps what the upstream's answer does not have", async () => {
  const text = await answered((response) => {
    response.setHeader('x-one', ['ours', 'ours too']).setHeader('x-two', '2')
    writeAnswerHead(response, 200, head('OK', 'X-One', 'theirs'), NOTHING)
  })
  expect(text).not.toContain('ours')
  expect(text).toContain('X-One: theirs\r\n')
  expect(text).toContain('x-two: 2\r\n')
})

it('leaves an empty reason to the status', async () => {
  const text = await answered((response) => writeAnswerHead(response, 404, head(''), NOTHING))
  expect(text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
})

it.each([
  ['a field that cannot be sent', 200, 'x-bad', 'a\nb'],
  ['a status that cannot be sent', 1000, 'x-fine', 'fine'],
])('throws for %s, with none of the fields set', async (_what, status, name, value) => {
  let names: readonly string[] = []
  await answered((response) => {
    const bad = head('OK', 'x-one', '1', name, value)
    expect(() => writeAnswerHead(response, status, bad, NOTHING)).toThrow()
    names = response.getHeaderNames()
    response.statusCode = 500
  })
  expect(names).toEqual([])
})
