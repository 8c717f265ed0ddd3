import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Handle, PKCS11 } from 'pkcs11js'
import type { TestKeyPair } from './keys.ts'
import { type TempFolder, tempFolder } from './temp-folder.ts'

type Cryptoki = typeof import('pkcs11js')

const cryptoki = optional()
const library = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
].find((path) => existsSync(path))

/** Why there is no token to test with; undefined when there is one. */
export const whyNoSoftHsm =
  cryptoki === undefined
    ? 'the package pkcs11js is not installed'
    : library === undefined || spawnSync('softhsm2-util', ['--version']).status !== 0
      ? 'softhsm2 is not installed'
      : undefined

// a run that has to prove it must not pass by skipping
if (whyNoSoftHsm !== undefined) {
  if (process.env.COUNTERSIGN_REQUIRE_SOFTHSM === '1') throw new Error(whyNoSoftHsm)
  console.warn(`skipped: ${whyNoSoftHsm}`)
}

/** A SoftHSM token of its own in a temporary folder. */
export interface SoftHsm {
  /** Path of its PKCS#11 library. */
  readonly library: string
  /** Label of the token. */
  readonly token: string
  readonly pin: string
  readonly folder: TempFolder
  /** Makes a key pair in the token. */
  generate(type: 'RSA' | 'P-256' | 'P-384' | 'P-521' | 'Ed25519', label: string, id: string): void
  /** Puts a key pair into the token; with a certificate (DER), that stands in place of the public half. */
  importPair(
    pair: Pick<TestKeyPair, 'pkcs8'>,
    label: string,
    id: string,
    certificate?: Uint8Array,
  ): Promise<void>
  /**
   * Makes another pair under the label and id of one that is there, in a process that is logged in: as someone would
   * who replaces a key while it is used.
   */
  replace(type: 'P-256', label: string, id: string): void
  /** Takes away the public half of a pair. */
  removePublic(label: string): void
  /** Takes the token away, as a cable that is pulled would. */
  takeAway(): Promise<void>
  bringBack(): Promise<void>
}

/**
 * Makes a token. The library reads where it is from the environment of this process when it is initialised, so a
 * test file makes one token, and all its keys before anything else loads the library.
 */
export async function makeSoftHsm(): Promise<SoftHsm> {
  const folder = await tempFolder({ 'tokens/.keep': '' })
  const tokens = `${folder.path}/tokens`
  await folder.write('softhsm2.conf', `directories.tokendir = ${tokens}\nlog.level = ERROR\n`)
  process.env.SOFTHSM2_CONF = `${folder.path}/softhsm2.conf`
  const [token, pin] = ['countersign-test', '4711-0815']
  const util = (...options: readonly string[]) =>
    execFileSync('softhsm2-util', options, { stdio: ['ignore', 'ignore', 'pipe'] })
  util('--init-token', '--free', '--label', token, '--pin', pin, '--so-pin', 'security officer')
  const open = <T>(operation: (session: OpenSession) => T) =>
    inSession(cryptoki!, library!, token, pin, operation)

  return {
    library: library!,
    token,
    pin,
    folder,
    generate: (type, label, id) => open((session) => generate(session, type, label, id)),
    async importPair(pair, label, id, certificate) {
      const file = await folder.write('pair.pem', pair.pkcs8)
      util('--import', file, '--token', token, '--label', label, '--id', id, '--pin', pin)
      if (certificate === undefined) return
      open((session) => {
        remove(session, label, cryptoki!.CKO_PUBLIC_KEY)
        addCertificate(session, label, id, certificate)
      })
    },
    replace(type, label, id) {
      const opened = openSession(cryptoki!, library!, token)
      remove(opened, label, cryptoki!.CKO_PRIVATE_KEY)
      remove(opened, label, cryptoki!.CKO_PUBLIC_KEY)
      generate(opened, type, label, id)
      opened.module.C_CloseSession(opened.session)
    },
    removePublic: (label) => open((session) => remove(session, label, cryptoki!.CKO_PUBLIC_KEY)),
    takeAway: () => rename(tokens, `${tokens}-away`),
    bringBack: () => rename(`${tokens}-away`, tokens),
  }
}

function optional(): Cryptoki | undefined {
  try {
    return createRequire(import.meta.url)('pkcs11js')
  } catch {
    return undefined
  }
}

interface OpenSession {
  readonly p: Cryptoki
  readonly module: PKCS11
  readonly session: Handle
}

/** Ends with C_Finalize, so that the login ends as well and the next one begins as after a start. */
function inSession<T>(
  p: Cryptoki,
  path: string,
  token: string,
  pin: string,
  operation: (session: OpenSession) => T,
): T {
  const module = new p.PKCS11(path)
  module.C_Initialize()
  try {
    const opened = openSession(p, path, token)
    module.C_Login(opened.session, p.CKU_USER, pin)
    return operation(opened)
  } finally {
    module.C_Finalize()
  }
}

/** In a library that is initialised in this process. */
function openSession(p: Cryptoki, path: string, token: string): OpenSession {
  const module = new p.PKCS11(path)
  const slots = module.C_GetSlotList(true)
  const slot = slots.find((each) => module.C_GetTokenInfo(each).label.trim() === token)!
  const session = module.C_OpenSession(slot, p.CKF_SERIAL_SESSION | p.CKF_RW_SESSION)
  return { p, module, session }
}

// DER object identifiers (RFC 5480 section 2.1.1.1, RFC 8410 section 3).
const CURVES = {
  'P-256': '06082a8648ce3d030107',
  'P-384': '06052b81040022',
  'P-521': '06052b81040023',
  Ed25519: '06032b6570',
}
/** Of PKCS#11 v3.0. */
const CKM_EC_EDWARDS_KEY_PAIR_GEN = 0x1055

function generate(
  { p, module, session }: OpenSession,
  type: 'RSA' | keyof typeof CURVES,
  label: string,
  id: string,
): void {
  const common = [
    { type: p.CKA_TOKEN, value: true },
    { type: p.CKA_LABEL, value: label },
    { type: p.CKA_ID, value: Buffer.from(id, 'hex') },
  ]
  const kind =
    type === 'RSA'
      ? [
          { type: p.CKA_MODULUS_BITS, value: 2048 },
          { type: p.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) },
        ]
      : [{ type: p.CKA_EC_PARAMS, value: Buffer.from(CURVES[type], 'hex') }]
  const mechanisms = { RSA: p.CKM_RSA_PKCS_KEY_PAIR_GEN, Ed25519: CKM_EC_EDWARDS_KEY_PAIR_GEN }
  const mechanism = type === 'RSA' || type === 'Ed25519' ? mechanisms[type] : p.CKM_EC_KEY_PAIR_GEN
  module.C_GenerateKeyPair(
    session,
    { mechanism },
    [...common, ...kind, { type: p.CKA_VERIFY, value: true }],
    [
      ...common,
      { type: p.CKA_PRIVATE, value: true },
      { type: p.CKA_SENSITIVE, value: true },
      { type: p.CKA_EXTRACTABLE, value: false },
      { type: p.CKA_SIGN, value: true },
    ],
  )
}

function remove({ p, module, session }: OpenSession, label: string, type: number): void {
  module.C_FindObjectsInit(session, [
    { type: p.CKA_CLASS, value: type },
    { type: p.CKA_LABEL, value: label },
  ])
  const found = module.C_FindObjects(session, 10)
  module.C_FindObjectsFinal(session)
  for (const object of found) module.C_DestroyObject(session, object)
}

function addCertificate(
  { p, module, session }: OpenSession,
  label: string,
  id: string,
  der: Uint8Array,
): void {
  module.C_CreateObject(session, [
    { type: p.CKA_CLASS, value: p.CKO_CERTIFICATE },
    { type: p.CKA_CERTIFICATE_TYPE, value: p.CKC_X_509 },
    { type: p.CKA_TOKEN, value: true },
    { type: p.CKA_LABEL, value: label },
    { type: p.CKA_ID, value: Buffer.from(id, 'hex') },
    { type: p.CKA_SUBJECT, value: Buffer.alloc(0) },
    { type: p.CKA_VALUE, value: Buffer.from(der) },
  ])
}
