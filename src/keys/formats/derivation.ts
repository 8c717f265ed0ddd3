import { type Report, refusing } from '../report.ts'
import { type Asn1, parseAsn1 } from './asn1.ts'

// What takes about a second: PKCS#8 is opened by OpenSSL, PKCS#12 by JavaScript, and the event loop waits for both.
const MOST = {
  PBKDF2: { pkcs8: 1_000_000, pkcs12: 50_000 },
  scrypt: { pkcs8: 2 ** 21, pkcs12: 2 ** 21 },
  /** The MAC of PKCS#12, and the ciphers of before PBES2. */
  older: { pkcs8: 1_000_000, pkcs12: 200_000 },
} as const

type DerivationName = keyof typeof MOST

/** How much work making keys of the passphrase is, as the file says, by function; of all that stand in it. */
type Work = Record<DerivationName, number>

/**
 * Reports an encrypted key whose keys take too long to derive from the passphrase (RFC 8018, RFC 7914, RFC 7292); true
 * when they do not. Bytes that are no ASN.1 pass: whoever opens them refuses them.
 */
export function checkDerivation(
  bytes: Buffer,
  format: 'pkcs8' | 'pkcs12',
  report: Report,
): boolean {
  const work: Work = { PBKDF2: 0, scrypt: 0, older: 0 }
  const root = parseAsn1(bytes)
  if (root !== undefined) {
    if (format === 'pkcs12') work.older += macIterations(root)
    addWork(root, work)
  }
  const excess = (Object.keys(MOST) as DerivationName[]).find(
    (name) => work[name] > MOST[name][format],
  )
  if (excess === undefined) return true
  const most = MOST[excess][format]
  refusing(report)(
    'key/too-large',
    excess === 'scrypt'
      ? `expected scrypt with N·r·p of at most ${most}`
      : `expected at most ${most} iterations to open the key`,
    `everything would wait for them: write it anew with \`openssl ${format === 'pkcs12' ? 'pkcs12 -export' : 'pkcs8 -topk8 -v2 aes-256-cbc'}\`, and keep the passphrase random`,
  )
  return false
}

const OID = {
  pbkdf2: '2a864886f70d01050c',
  scrypt: '2b06010401da47040b',
  // What follows is one octet: the cipher.
  pbes1: '2a864886f70d0105',
  pkcs12: '2a864886f70d010c01',
}

function addWork(node: Asn1, work: Work): void {
  const [identifier, parameters] = node.children
  if (identifier?.tag === 'oid' && parameters?.tag === 'sequence') {
    const oid = identifier.content.toString('hex')
    const [first = 0, ...others] = parameters.children.flatMap(integerOf)
    if (oid === OID.pbkdf2) work.PBKDF2 += first
    // N, r and p; the length of the key may follow.
    else if (oid === OID.scrypt) work.scrypt += [first, ...others.slice(0, 2)].reduce(product)
    else if (OLDER.test(oid)) work.older += first
  }
  for (const child of node.children) addWork(child, work)
}

const OLDER = new RegExp(`^(?:${OID.pbes1}|${OID.pkcs12})..$`)

const product = (one: number, other: number) => one * other

/** RFC 7292 section 4: MacData is the third member of a PFX, and its iterations, 1 by default, its third. */
function macIterations({ children: [, , mac] }: Asn1): number {
  return mac?.children[2] === undefined ? 0 : (integerOf(mac.children[2])[0] ?? 0)
}

function integerOf({ tag, content }: Asn1): readonly number[] {
  return tag === 'integer' ? [Number(`0x${content.toString('hex') || '0'}`)] : []
}
