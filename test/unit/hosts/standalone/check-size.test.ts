import { expect, it } from 'vitest'
import { checkSize } from '../../../../src/hosts/standalone/check-size.ts'
import { errorCode } from '../../../support/error-code.ts'

// `Host: a` and `X: bc`, each with the end of its line
const rawHeaders = ['Host', 'a', 'X', 'bc']
const size = 'Host: a\r\nX: bc\r\n'.length

it.each([
  [{ headerLines: 2, headSize: size }, 'none'],
  [{ headerLines: 1, headSize: size }, 'request/head-too-large'],
  [{ headerLines: 2, headSize: size - 1 }, 'request/head-too-large'],
])('holds header fields to %o', async (limits, code) => {
  expect(await errorCode(() => checkSize({ rawHeaders }, limits))).toBe(code)
})
