import { type KeyConfig, keyShape, loadEncrypter, loadKeyRing } from '../keys/index.ts'
import type { Fault, Scope } from '../kind.ts'
import type { Account } from './credential-kind.ts'
import { writtenKid } from './jose-header.ts'
import type { JwtConfig } from './jwt-schema.ts'
import { encrypting, nesting, type Sealing, signing } from './sealing.ts'

/** The parts of a `jwt` block that decide its keys. */
type SealingConfig = Pick<JwtConfig, 'account' | 'encrypt' | 'customHeaders' | keyof KeyConfig>

/**
 * Loads the keys of a `jwt` block, its own or those of `account`. Undefined after an error was reported, here or
 * at the account. `scope` is that of the block.
 */
export async function loadSealing(
  config: SealingConfig,
  account: Account | undefined,
  scope: Scope,
): Promise<Sealing | undefined> {
  const { encrypt } = config
  const encrypter = encrypt && (await loadEncrypter(encrypt, scope.at('encrypt')))
  if (encrypt?.signed === false) {
    const isAlone = checkUnsigned(config, scope)
    return isAlone && encrypter ? encrypting(encrypter) : undefined
  }
  const ring = await loadRing(config, account, scope)
  if (!ring || (encrypt && !encrypter)) return undefined
  return encrypter ? nesting(signing(ring), encrypter) : signing(ring)
}

async function loadRing(config: SealingConfig, account: Account | undefined, scope: Scope) {
  const kid = writtenKid(config, scope)
  if (config.account !== undefined) {
    return checkOwnKeys({ ...config, kid }, scope) ? account?.keys : undefined
  }
  const { signingMethod } = config
  // when it is missing, the schema has said so
  return signingMethod && loadKeyRing({ ...config, kid, signingMethod }, scope)
}

/** Reports key members beside an account: which of the two would sign is not to be guessed. */
function checkOwnKeys(config: SealingConfig, scope: Scope): boolean {
  return refuseKeys(config, scope, (name) => ({
    rule: 'account/key',
    message: `expected no "${name}" beside "account": the account has the key`,
    hint: 'keep one: the account, or the key members of this block',
  }))
}

function checkUnsigned(config: SealingConfig, scope: Scope): boolean {
  const fault = (name: string) => ({
    rule: 'encrypt/unsigned',
    message: `expected no "${name}": with encrypt.signed: false nothing is signed`,
    hint: `leave out ${name}, or signed: false`,
  })
  const isAlone = refuseKeys(config, scope, fault)
  if (config.account === undefined) return isAlone
  scope.report(['account'], { severity: 'error', ...fault('account') })
  return false
}

function refuseKeys(
  config: SealingConfig,
  scope: Scope,
  fault: (name: string) => Omit<Fault, 'severity'>,
): boolean {
  const written = (Object.keys(keyShape) as (keyof KeyConfig)[]).filter(
    (name) => config[name] !== undefined,
  )
  for (const name of written) {
    const entry = (config.customHeaders ?? []).findIndex((header) => header.name === name)
    const isHeader = name === 'kid' && entry >= 0
    const path = isHeader ? ['customHeaders', entry] : [name]
    scope.report(path, { severity: 'error', ...fault(name) })
  }
  return written.length === 0
}
