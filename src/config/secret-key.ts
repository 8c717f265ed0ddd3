import type { Path } from '../kind.ts'
import { SECRET_REFERENCE } from '../secret.ts'

const SECRET = /secret|private_?key|pass(?:word|phrase)|credential|api_?key|^jwk$/i
// Members that say where a secret is, not what it is.
const REFERENCES: Readonly<Record<string, RegExp>> = SECRET_REFERENCE
const VARIABLE = /\$\{[A-Za-z_][A-Za-z0-9_]*\}/g
const VARIABLE_ALONE = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/

/** True when what stands at `path` may be a secret by the names of its keys: no key and no value there is quoted. */
export function isSecretPath(path: Path): boolean {
  return path.some((step) => typeof step === 'string' && SECRET.test(step))
}

/** True for a key of a map at a secret path that only says where the secret is, as in `{ env: NAME }`. */
export function isReferenceKey(name: string): boolean {
  return name === 'jwk' || Object.hasOwn(REFERENCES, name)
}

/** True when a scalar may be or hold a secret, by the names of its keys or because a URL in it has a password. */
export function isSecret(path: Path, written: unknown): boolean {
  if (typeof written === 'string' && hasUserInfo(path, written)) return true
  if (!isSecretPath(path)) return false
  const owner = path.at(-2)
  if (typeof owner !== 'string' || !SECRET.test(owner) || typeof written !== 'string') return true
  const name = String(path.at(-1))
  const form = Object.hasOwn(REFERENCES, name) ? REFERENCES[name] : undefined
  return !form || !(form.test(written.replace(VARIABLE, 'X')) || VARIABLE_ALONE.test(written))
}

function hasUserInfo(path: Path, text: string): boolean {
  const isUpstream = path.at(-1) === 'upstream' || path.at(-1) === 'url'
  return isUpstream ? /[@?#]/.test(text) : /\/\/[^/\s]*@/.test(text)
}
