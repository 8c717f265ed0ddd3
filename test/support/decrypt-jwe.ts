import {
  constants,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  privateDecrypt,
} from 'node:crypto'

/** What a JWE held. */
export interface DecryptedJwe {
  readonly header: Readonly<Record<string, unknown>>
  readonly plaintext: string
  /** The content encryption key. */
  readonly cek: Buffer
  /** The content's initialization vector. */
  readonly iv: Buffer
}

/**
 * Decrypts a JWE in compact form as RFC 7516 section 5.2 says, with nothing but `node:crypto`. `key` is the shared
 * secret or the recipient's private key. Throws when anything in it was changed.
 */
export function decryptJwe(jwe: string, key: KeyObject): DecryptedJwe {
  const parts = jwe.split('.')
  if (parts.length !== 5) throw new Error('expected five parts')
  const [protectedPart, ...rest] = parts as [string, string, string, string, string]
  const [encryptedKey, iv, ciphertext, tag] = rest.map(decode) as [Buffer, Buffer, Buffer, Buffer]
  const header = JSON.parse(decode(protectedPart).toString())
  const cek = contentKey(header, encryptedKey, key)
  const aad = Buffer.from(protectedPart)
  const open = header.enc.includes('GCM') ? openGcm : openCbc
  return { header, plaintext: open(cek, iv, ciphertext, tag, aad).toString(), cek, iv }
}

// biome-ignore lint/suspicious/noExplicitAny: a JOSE header is any JSON, and a test may trust its own
function contentKey(header: any, encryptedKey: Buffer, key: KeyObject): Buffer {
  const [, agreement, wrap] = /^(ECDH-ES)?\+?(.*)$/.exec(header.alg) as unknown as string[]
  if (agreement !== undefined) {
    const bits = wrap === '' ? CEK_BITS[header.enc] : Number(wrap?.slice(1, 4))
    const agreed = concatKdf(header, key, wrap === '' ? header.enc : header.alg, bits ?? 0)
    if (wrap !== '') return unwrap(agreed, encryptedKey)
    if (encryptedKey.length > 0) throw new Error('expected no encrypted key')
    return agreed
  }
  if (wrap === 'dir') {
    if (encryptedKey.length > 0) throw new Error('expected no encrypted key')
    return key.export()
  }
  if (wrap?.startsWith('RSA-OAEP')) {
    const oaepHash = `sha${wrap.slice('RSA-OAEP-'.length) || '1'}`
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    return privateDecrypt({ key, oaepHash, padding }, encryptedKey)
  }
  if (!wrap?.endsWith('GCMKW')) return unwrap(key.export(), encryptedKey)
  return openGcm(key.export(), decode(header.iv), encryptedKey, decode(header.tag))
}

const CEK_BITS: Readonly<Record<string, number>> = {
  A128GCM: 128,
  A192GCM: 192,
  A256GCM: 256,
  'A128CBC-HS256': 256,
  'A192CBC-HS384': 384,
  'A256CBC-HS512': 512,
}

/** RFC 3394 with its default initial value. */
function unwrap(key: Buffer, wrapped: Buffer): Buffer {
  const cipher = createDecipheriv(`id-aes${key.length * 8}-wrap`, key, Buffer.alloc(8, 0xa6))
  return Buffer.concat([cipher.update(wrapped), cipher.final()])
}

/** RFC 7518 section 4.6.2; empty party information. */
// biome-ignore lint/suspicious/noExplicitAny: as above
function concatKdf({ epk }: any, privateKey: KeyObject, algorithm: string, bits: number): Buffer {
  const publicKey = createPublicKey({ key: epk, format: 'jwk' })
  const shared = diffieHellman({ privateKey, publicKey })
  const name = Buffer.from(algorithm)
  const info = [number(name.length), name, number(0), number(0), number(bits)]
  const rounds = Array.from({ length: Math.ceil(bits / 256) }, (_, round) =>
    createHash('sha256')
      .update(Buffer.concat([number(round + 1), shared, ...info]))
      .digest(),
  )
  return Buffer.concat(rounds).subarray(0, bits / 8)
}

function openGcm(
  key: Buffer,
  iv: Buffer,
  text: Buffer,
  tag: Buffer,
  aad = Buffer.alloc(0),
): Buffer {
  const cipher = createDecipheriv(`aes-${key.length * 8}-gcm` as 'aes-256-gcm', key, iv, {
    authTagLength: 16,
  })
  cipher.setAAD(aad).setAuthTag(tag)
  return Buffer.concat([cipher.update(text), cipher.final()])
}

/** RFC 7518 section 5.2.2.2. */
function openCbc(cek: Buffer, iv: Buffer, text: Buffer, tag: Buffer, aad: Buffer): Buffer {
  const half = cek.length / 2
  const length = Buffer.alloc(8)
  length.writeBigUInt64BE(BigInt(aad.length) * 8n)
  const mac = createHmac(`sha${cek.length * 8}`, cek.subarray(0, half))
    .update(Buffer.concat([aad, iv, text, length]))
    .digest()
  if (!mac.subarray(0, half).equals(tag)) throw new Error('expected another tag')
  const cipher = createDecipheriv(`aes-${half * 8}-cbc`, cek.subarray(half), iv)
  return Buffer.concat([cipher.update(text), cipher.final()])
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function decode(part: string): Buffer {
  return Buffer.from(part, 'base64url')
}
