import type { KeyObject } from 'node:crypto'
import type { Handle, Template } from 'pkcs11js'
import type { AlgorithmName } from '../algorithms.ts'
import type { Cryptoki } from './pkcs11-library.ts'
import { signingCall } from './pkcs11-mechanism.ts'
import { attributes, certifiedKeyOf, publicKeyOf } from './pkcs11-public-key.ts'
import type { Session, Token } from './pkcs11-token.ts'
import { RemoteFault } from './remote-fault.ts'

/** A private key in a token. */
export interface Pkcs11Key {
  readonly publicKey: KeyObject
  /** Signature in JWS form. Rejects with a `RemoteFault`. */
  sign(alg: AlgorithmName, bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array>
}

/** Which key. */
export interface Pkcs11KeyName {
  readonly label: string
  /** Hexadecimal `CKA_ID`, needed when several keys have the label. */
  readonly id: string | undefined
}

/** Bytes of the longest signature: RSA of 8192 bits. */
const LONGEST = 1024

/** Finds a private key and its public half in a token. Rejects with a `RemoteFault`. */
export async function readPkcs11Key(
  cryptoki: Cryptoki,
  token: Token,
  name: Pkcs11KeyName,
  signal: AbortSignal,
): Promise<Pkcs11Key> {
  let found: { readonly life: number; readonly key: Handle } | undefined

  function find(session: Session): Handle {
    if (found?.life !== session.life) {
      found = { life: session.life, key: findPrivateKey(cryptoki, session, name) }
    }
    return found.key
  }

  const publicKey = await token.use(
    async (session) => findPublicKey(cryptoki, session, find(session), name),
    signal,
  )
  return {
    publicKey,
    sign: (alg, bytes, abort) =>
      token.use(async (session) => {
        const { library, handle } = session
        const { mechanism, input } = signingCall(cryptoki, alg, bytes)
        library.C_SignInit(handle, mechanism, find(session))
        return library.C_SignAsync(handle, input, Buffer.alloc(LONGEST))
      }, abort),
  }
}

function findPrivateKey(cryptoki: Cryptoki, session: Session, name: Pkcs11KeyName): Handle {
  const keys = findObjects(cryptoki, session, cryptoki.CKO_PRIVATE_KEY, templateOf(cryptoki, name))
  if (keys.length === 1) return keys[0]!
  const isNone = keys.length === 0
  throw new RemoteFault(isNone ? 'key-missing' : 'key-ambiguous', {
    message: `expected one private key with this ${name.id === undefined ? 'label' : 'label and id'}, found ${isNone ? 'none' : 'several'}`,
    hint: isNone
      ? 'list them with `pkcs11-tool --module LIBRARY --login --list-objects`'
      : 'write id, too: the CKA_ID of the key in hexadecimal',
    member: [isNone && name.id !== undefined ? 'id' : 'label'],
    // a token that lost its objects and a key that is not there look the same
    isTransient: isNone,
  })
}

function findPublicKey(
  cryptoki: Cryptoki,
  session: Session,
  privateKey: Handle,
  name: Pkcs11KeyName,
): KeyObject {
  const { CKA_ID, CKO_PUBLIC_KEY, CKO_CERTIFICATE } = cryptoki
  const [id] = attributes(session, privateKey, [CKA_ID])
  // the halves of a pair have the same id (PKCS#11 v2.40 section 4.7)
  const template = id ? [{ type: CKA_ID, value: id }] : templateOf(cryptoki, name)
  const keys = findObjects(cryptoki, session, CKO_PUBLIC_KEY, template)
  for (const object of [...keys, privateKey]) {
    const key = publicKeyOf(cryptoki, session, object)
    if (key) return key
  }
  for (const object of findObjects(cryptoki, session, CKO_CERTIFICATE, template)) {
    const key = certifiedKeyOf(cryptoki, session, object)
    if (key) return key
  }
  throw new RemoteFault('public-key', {
    message:
      'expected an RSA, P-256, P-384, P-521 or Ed25519 key with its public half in the token',
    hint: 'put its public key or certificate beside it, with the same CKA_ID',
    member: ['label'],
  })
}

function templateOf({ CKA_LABEL, CKA_ID }: Cryptoki, { label, id }: Pkcs11KeyName): Template {
  const byLabel = { type: CKA_LABEL, value: label }
  return id === undefined ? [byLabel] : [byLabel, { type: CKA_ID, value: Buffer.from(id, 'hex') }]
}

/** Two at most: more than one is as bad as many. */
function findObjects(
  { CKA_CLASS }: Cryptoki,
  { library, handle }: Session,
  type: number,
  template: Template,
): readonly Handle[] {
  library.C_FindObjectsInit(handle, [{ type: CKA_CLASS, value: type }, ...template])
  try {
    return library.C_FindObjects(handle, 2)
  } finally {
    library.C_FindObjectsFinal(handle)
  }
}
