import { CountersignError } from '../errors.ts'
import { fold } from '../header-name.ts'
import { eachField } from './raw-headers.ts'

/** Components by which a signature covers the body (RFC 9421 section 7.2.8, RFC 9530). */
const COVERS_BODY = /\b(?:content-digest|repr-digest|digest|content-md5|content-length)\b/i
/** Signature Version 4 of AWS; the algorithm says it in the field and in the query of a presigned URL. */
const AWS = /\bAWS4-[A-Z0-9-]/
const AWS_UNSIGNED = /^\s*(?:STREAMING-)?UNSIGNED-PAYLOAD\b/

/**
 * Refuses, with `body/signed`, a request whose body was changed while its sender has signed it: RFC 9421 and the
 * drafts before it by what they say they cover, AWS Signature Version 4 unless it says `UNSIGNED-PAYLOAD`. `headers`
 * are the fields that go upstream, names and values by turns, `search` is the query with `?`.
 */
export function checkUnsigned(headers: readonly string[], search: string): void {
  let isSigned = false
  let isAws = AWS.test(search)
  let isUnsignedAws = false
  eachField(headers, (name, value) => {
    const folded = fold(name)
    const isSignature = folded === 'signature_input' || folded === 'signature'
    const isAuthorization = folded === 'authorization'
    if (isSignature || (isAuthorization && /^\s*signature\s/i.test(value))) {
      isSigned ||= COVERS_BODY.test(value)
    }
    if (isAuthorization) isAws ||= AWS.test(value)
    if (folded === 'x_amz_content_sha256') isUnsignedAws ||= AWS_UNSIGNED.test(value)
  })
  if (!isSigned && (!isAws || isUnsignedAws)) return
  throw new CountersignError('body/signed', 'expected no signature over a body that is changed')
}
