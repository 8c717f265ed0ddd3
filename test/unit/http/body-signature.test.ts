import { describe, expect, it } from 'vitest'
import { checkUnsigned } from '../../../src/http/body-signature.ts'
import { errorCode } from '../../support/error-code.ts'

const V4 = 'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c'

describe('checkUnsigned', () => {
  it.each<[name: string, value: string]>([
    ['Signature-Input', 'sig=("@method" "content-digest");created=1'],
    ['signature_input', 'sig=("CONTENT-LENGTH")'],
    ['Signature-Input', 'sig=("repr-digest")'],
    ['Signature', 'keyId="k",headers="(request-target) digest",signature="c"'],
    ['Authorization', 'Signature keyId="k",headers="date digest",signature="c"'],
    ['Authorization', ' signature headers="digest"'],
    ['Authorization', V4],
    ['Authorization', V4.replace('HMAC', 'ECDSA-P256')],
  ])('T050 refuses a changed body under %s: %s', async (name, value) => {
    expect(await errorCode(() => checkUnsigned(['X-A', '1', name, value], ''))).toBe('body/signed')
  })

  it('T050 refuses a changed body under a presigned URL', async () => {
    const search = '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=c'
    expect(await errorCode(() => checkUnsigned([], search))).toBe('body/signed')
  })

  it.each([
    ['in another field', ['X-Amz-Payload', 'UNSIGNED-PAYLOAD']],
    ['behind something else', ['X-Amz-Content-Sha256', 'c UNSIGNED-PAYLOAD']],
  ])('T050 believes no claim %s that the payload is unsigned', async (_where, fields) => {
    const signed = ['Authorization', V4, ...fields]
    expect(await errorCode(() => checkUnsigned(signed, ''))).toBe('body/signed')
  })

  it.each([
    ['nothing signed', []],
    ['a signature over other fields', ['Signature-Input', 'sig=("@method" "@path")']],
    ['the bytes of a signature', ['Signature', 'sig=:AAAA:']],
    ['another credential', ['Authorization', 'Bearer content-digest']],
    ['a word within a credential', ['Authorization', 'Bearer signature digest']],
    ['what looks like a signature elsewhere', ['X-A', 'Signature headers="digest"', 'X-B', V4]],
    ['an unsigned payload', ['Authorization', V4, 'X-Amz-Content-Sha256', ' UNSIGNED-PAYLOAD']],
    [
      'an unsigned payload in chunks',
      ['Authorization', V4, 'x_amz_content_sha256', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'],
    ],
  ])('lets pass %s', (_what, fields) => {
    expect(() => checkUnsigned(fields, '?a=1')).not.toThrow()
  })
})
