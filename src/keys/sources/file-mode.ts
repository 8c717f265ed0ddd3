import { createPublicKey, X509Certificate } from 'node:crypto'
import { resolve } from 'node:path'
import type { FilePermissions } from '../../environment.ts'
import type { Scope } from '../../kind.ts'

/**
 * Warns, with `key/file-mode`, of a file that holds a secret `noun` (`key`) and that others may read or write; `scope`
 * is that of its path. A file of public keys and certificates alone may be anybody's.
 */
export async function checkFileMode(
  path: string,
  bytes: Buffer,
  scope: Scope,
  noun: string,
): Promise<void> {
  if (isPublic(bytes)) return
  // whoever takes the file away meanwhile will be told of that
  const found = await scope.environment
    .permissions(resolve(scope.folder, path))
    .catch(() => undefined)
  if (!found || process.platform === 'win32' || !isShared(found)) return
  const mode = found.mode.toString(8).padStart(4, '0')
  scope.report([], {
    severity: 'warning',
    rule: 'key/file-mode',
    message: `expected a ${noun} file that only its owner may use, its mode is ${mode}`,
    hint: 'chmod 600, or 640 for a file of another user whose group we are in',
  })
}

// A group may read what is not ours, since that is how we read it (`fsGroup`); a pod has nobody else in it, so the
// mode of its volumes says nothing.
function isShared({ mode, isOwn, isMounted }: FilePermissions): boolean {
  return !isMounted && (mode & (isOwn ? 0o077 : 0o037)) !== 0
}

const PUBLIC_LABELS: ReadonlySet<string> = new Set([
  'PUBLIC KEY',
  'RSA PUBLIC KEY',
  'CERTIFICATE',
  'X509 CERTIFICATE',
  'TRUSTED CERTIFICATE',
])
/** Members of a JWK that hold its private part (RFC 7518 sections 6.2.2, 6.3.2 and 6.4). */
const PRIVATE_MEMBER = /"(?:d|k|p|q|dp|dq|qi|oth)"\s*:/

function isPublic(bytes: Buffer): boolean {
  const text = bytes.toString('latin1')
  const labels = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map(([, label = '']) => label)
  if (labels.length > 0) return labels.every((label) => PUBLIC_LABELS.has(label))
  if (/"kty"\s*:/.test(text)) return !PRIVATE_MEMBER.test(text)
  const parsers = [
    () => createPublicKey({ key: bytes, format: 'der', type: 'spki' }),
    () => new X509Certificate(bytes),
  ]
  return parsers.some(isParsed)
}

function isParsed(parse: () => unknown): boolean {
  try {
    parse()
    return true
  } catch {
    return false
  }
}
