import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { Report } from './key-material.ts'

const BEGIN = '-----BEGIN '
const DASHES = '-----'
const PRIVATE = new Set([
  'PRIVATE KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
  'DSA PRIVATE KEY',
  'ENCRYPTED PRIVATE KEY',
  'OPENSSH PRIVATE KEY',
])
const PUBLIC = /^(?:(?:RSA |DSA |EC )?PUBLIC KEY|(?:X509 |TRUSTED )?CERTIFICATE)$/

/** True when the text holds a PEM block, or the beginning of one. */
export function isPem(text: string): boolean {
  return text.includes(BEGIN)
}

/**
 * The one private key in PEM text (RFC 7468): PKCS#8, PKCS#1 or SEC1. Line ends may be LF, CRLF, blanks or a
 * literal `\n`; text around the blocks, EC parameters and certificates beside the key are passed over.
 */
export function importPem(text: string, report: Report): KeyObject | undefined {
  const refuse = (rule: string, message: string, hint: string) => {
    report({ severity: 'error', rule, message, hint })
    return undefined
  }
  const blocks = readBlocks(text.replace(/(?:\\r)?\\n/g, '\n'))
  if (blocks === undefined) {
    return refuse(
      'key/parse',
      'expected each -----BEGIN line of the PEM text to have its -----END line',
      'the text is cut off or altered: copy the key again, whole',
    )
  }
  const [block, ...others] = blocks.filter(({ label }) => PRIVATE.has(label))
  if (block === undefined) {
    if (blocks.some(({ label }) => PUBLIC.test(label))) {
      return refuse(
        'key/public',
        'expected a private key, found a public key or a certificate',
        'signing needs the private half; the public half is what verifiers get',
      )
    }
    return refuse('key/parse', 'expected a PEM block that is a private key', ACCEPTED)
  }
  if (others.length > 0) {
    return refuse(
      'key/ambiguous',
      'expected one private key, found several in one PEM text',
      'put each key into a file or variable of its own',
    )
  }
  if (block.label === 'ENCRYPTED PRIVATE KEY' || block.body.includes('ENCRYPTED')) {
    return refuse(
      'key/encrypted',
      'expected a private key that is not encrypted',
      'passphrases are not supported yet: decrypt a copy with `openssl pkey -in key.pem -out plain.pem`',
    )
  }
  if (block.label === 'OPENSSH PRIVATE KEY') {
    return refuse(
      'key/parse',
      'expected PEM as PKCS#8, PKCS#1 or SEC1, found the OpenSSH format',
      "convert a copy in place: `ssh-keygen -p -N '' -m PKCS8 -f copy-of-key`",
    )
  }
  try {
    return createPrivateKey(writeBlock(block))
  } catch {
    return refuse('key/parse', 'expected PEM text that decodes to a private key', ACCEPTED)
  }
}

const ACCEPTED = 'accepted are PKCS#8, PKCS#1 and SEC1, as `openssl genpkey` writes them'

interface Block {
  readonly label: string
  readonly body: string
}

function readBlocks(text: string): readonly Block[] | undefined {
  const blocks: Block[] = []
  let at = text.indexOf(BEGIN)
  while (at !== -1) {
    const labelAt = at + BEGIN.length
    const labelEnd = text.indexOf(DASHES, labelAt)
    if (labelEnd === -1) return undefined
    const label = text.slice(labelAt, labelEnd)
    const end = `-----END ${label}-----`
    const bodyAt = labelEnd + DASHES.length
    const bodyEnd = text.indexOf(end, bodyAt)
    if (bodyEnd === -1) return undefined
    const body = text.slice(bodyAt, bodyEnd)
    if (body.includes(BEGIN)) return undefined
    blocks.push({ label, body })
    at = text.indexOf(BEGIN, bodyEnd + end.length)
  }
  return blocks
}

// OpenSSL wants lines of at most 76 characters; variables often come with blanks in place of line ends.
function writeBlock({ label, body }: Block): string {
  const lines = body.replace(/\s+/g, '').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
