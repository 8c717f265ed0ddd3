import { KEY_REFERENCES } from '../keys/index.ts'
import type { Path } from '../kind.ts'
import { SECRET_REFERENCE } from '../secret.ts'
import { isUnknown, wantsMap } from './key-block.ts'

// A private key may stand where a public one or a certificate belongs, an API key where its digest does.
const SECRET =
  /secret|private_?key|public_?key|pass(?:word|phrase)|credential|api_?key|^(?:certificate|jwk|pin|token|hmac|sha256|sign(?:ing)?_?key)$/i
const { source: NAME } = SECRET_REFERENCE.env
const VARIABLE = new RegExp(`\\$\\{${NAME.slice(1, -1)}\\}`, 'g')
const VARIABLE_ALONE = new RegExp(`^\\$\\{${NAME.slice(1, -1)}\\}$`)

const { beside, below } = KEY_REFERENCES
const REFERENCE_KEYS: ReadonlySet<string> = new Set([
  'in',
  ...below.keys(),
  ...[beside, ...below.values()].flatMap((references) => Object.keys(references)),
])

/** True when what stands at `path` may be a secret by the names of its keys: no key and no value there is quoted. */
export function isSecretPath(path: Path): boolean {
  return hasSecretName(path) || isUnknown(path)
}

function hasSecretName(path: Path): boolean {
  // the entries of a list that is a whole document are API keys
  const isApiKey = typeof path[0] === 'number' && /^key$/i.test(String(path[1]))
  return isApiKey || tellingSteps(path).some((step) => SECRET.test(String(step)))
}

/** Those that name what stands there: an authenticator has any name, and its `in` tells where credentials stand. */
function tellingSteps(path: Path): Path {
  const [block, , kind, member] = path
  if (block !== 'authenticators') return path
  return member === 'in' || kind === 'forwardCredential' ? path.slice(4) : path.slice(2)
}

/** True for a key of a map at a secret path that only says where the secret is, as in `{ env: NAME }`. */
export function isReferenceKey(name: string): boolean {
  return REFERENCE_KEYS.has(name)
}

/** True when a scalar may be or hold a secret, by the names of its keys or because a URL in it has a password. */
export function isSecret(path: Path, written: unknown): boolean {
  if (typeof written === 'string' && (hasUserInfo(path, written) || wantsMap(path))) return true
  if (!isSecretPath(path)) return false
  // a number at a name that only is misspelt is none: keys are text
  if (typeof written === 'number' || typeof written === 'boolean') return hasSecretName(path)
  if (typeof written !== 'string') return true
  const form = formOf(path.at(-2), path.at(-1))
  return !form || !(form.test(written.replace(VARIABLE, 'X')) || VARIABLE_ALONE.test(written))
}

/** The form of a text that may be quoted at `name` in the map at `owner`. */
function formOf(owner?: Path[number], name?: Path[number]): RegExp | undefined {
  if (typeof owner !== 'string' || typeof name !== 'string') return undefined
  const references = below.get(owner) ?? (SECRET.test(owner) ? beside : {})
  return Object.hasOwn(references, name) ? (references[name] ?? undefined) : undefined
}

function hasUserInfo(path: Path, text: string): boolean {
  const isUrl = ['upstream', 'url', 'jwksUrl'].includes(String(path.at(-1)))
  return isUrl ? /[@?#]/.test(text) : /\/\/[^/\s]*@/.test(text)
}
