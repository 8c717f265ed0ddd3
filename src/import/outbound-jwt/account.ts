import { join, relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { kebabName } from '../../config/index.ts'
import { isMap } from '../../is-map.ts'
import { ALGORITHM_NAMES, type AlgorithmName } from '../../keys/index.ts'
import { Secret } from '../../secret.ts'
import type { Json, JsonObject } from '../../types.ts'
import type { ImportedFile, ImportTarget } from '../imported.ts'
import { type KeyFile, keyFile } from '../key-file.ts'
import type { Setting, Settings } from './settings.ts'

/** The account of a rule. */
export interface TranslatedAccount {
  readonly name: string
  /** Seconds that its tokens live; undefined when a person has to say it. */
  readonly ttl: number | undefined
}

/** The accounts of several rules, each once. */
export interface Accounts {
  /** The account of one rule. It is kept only when nothing about it needs a person. */
  translate(settings: Settings, isKeyIdSkipped: boolean): TranslatedAccount
  /** The kept ones by name, as the gateway file has them. */
  kept(): Readonly<Record<string, JsonObject>>
  /** Their key files. */
  files(): readonly ImportedFile[]
}

const LABEL = 'Label'
const ISSUER = 'JWT Issuer'
const TTL = 'Token TTL'
const TTL_IN_SECONDS = 'Token TTL (seconds)'
const ALGORITHM = 'Signing Algorithm'
const KEY = 'Signing Key'
const KEY_ID = 'Key ID'
const DEFAULT_TTL = 3600

/** Accounts whose keys go where `target` says. */
export function createAccounts(target: ImportTarget): Accounts {
  const kept = new Map<string, { readonly account: JsonObject; readonly key: Key }>()
  return {
    kept: () => Object.fromEntries([...kept].map(([name, { account }]) => [name, account])),
    files: () =>
      [...kept.values()].flatMap(({ key }) => (key.file === undefined ? [] : [key.file])),
    translate(settings, isKeyIdSkipped) {
      const label = settings.find(LABEL)?.value
      const base = kebabName(typeof label === 'string' ? label : '', 'account')
      const wanted = isKeyIdSkipped ? `${base}-without-kid` : base
      const issuer = issuerOf(settings)
      const ttl = ttlOf(settings)
      const signingMethod = algorithmOf(settings)
      const written = keyOf(settings)
      const kid = keyIdOf(settings, isKeyIdSkipped)
      settings.close()
      if (signingMethod === undefined || written === undefined) return { name: wanted, ttl }
      const rest = {
        ...(issuer !== undefined && { issuer }),
        ...(ttl !== undefined && { ttl }),
        signingMethod,
      }
      for (let number = 1; ; number += 1) {
        const name = number === 1 ? wanted : `${wanted}-${number}`
        const key = keyIn(written, name, target)
        const account = { ...rest, privateKey: key.source, ...(kid !== undefined && { kid }) }
        const other = kept.get(name)
        if (other && !(isDeepStrictEqual(other.account, account) && isSameKey(other.key, key)))
          continue
        kept.set(name, { account, key })
        return { name, ttl }
      }
    },
  }
}

function issuerOf(settings: Settings): string | undefined {
  const value = settings.find(ISSUER)?.value
  if (typeof value === 'string' && !value.includes('#[')) {
    settings.translated(ISSUER)
    return value
  }
  settings.person(ISSUER, 'expected literal text')
  return undefined
}

function ttlOf(settings: Settings): number | undefined {
  const name = settings.find(TTL_IN_SECONDS) ? TTL_IN_SECONDS : TTL
  const setting = settings.find(name)
  if (setting === undefined) {
    settings.notice(TTL, `the default of the account: ${DEFAULT_TTL} seconds`)
    return DEFAULT_TTL
  }
  const { value } = setting
  const seconds = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (Number.isSafeInteger(seconds) && (seconds as number) > 0) {
    settings.translated(name)
    return seconds as number
  }
  settings.person(name, 'expected whole seconds')
  return undefined
}

function algorithmOf(settings: Settings): AlgorithmName | undefined {
  const value = settings.find(ALGORITHM)?.value
  const found = ALGORITHM_NAMES.find((name) => name === value)
  if (found) settings.translated(ALGORITHM)
  else settings.person(ALGORITHM, `expected one of ${ALGORITHM_NAMES.join(', ')}`)
  return found
}

interface Key {
  readonly source: Json
  readonly file?: KeyFile
}

/** The text of a key that is written out, or a source in our own form. */
function keyOf(settings: Settings): Secret | Json | undefined {
  const setting = settings.find(KEY)
  if (typeof setting?.value === 'string') {
    settings.notice(KEY, 'moved to a file of its own')
    return new Secret(setting.value)
  }
  if (isSource(setting)) {
    settings.translated(KEY)
    return setting?.value as Json
  }
  settings.person(KEY, 'export the key from its key store: { file: keys/crm.p12, passphrase: … }')
  return undefined
}

function keyIn(written: Secret | Json, account: string, { out, keysTo }: ImportTarget): Key {
  if (!(written instanceof Secret)) return { source: written }
  const file = keyFile(join(keysTo, account), written.reveal())
  return { source: { file: relative(out, file.path) }, file }
}

function isSameKey(a: Key, b: Key): boolean {
  return a.file === undefined || a.file.text.equals(b.file?.text)
}

function isSource(setting: Setting | undefined): boolean {
  return isMap(setting?.value) && ('env' in setting.value || 'file' in setting.value)
}

function keyIdOf(settings: Settings, isSkipped: boolean): string | undefined {
  const value = settings.find(KEY_ID)?.value
  if (isSkipped) {
    if (value !== undefined) settings.notice(KEY_ID, 'left out of the header: Skip Key ID')
    return 'omit'
  }
  if (value === undefined) return undefined
  if (typeof value === 'string') {
    settings.translated(KEY_ID)
    return value
  }
  settings.person(KEY_ID, 'expected text')
  return undefined
}
