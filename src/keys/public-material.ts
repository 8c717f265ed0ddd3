import type { Scope } from '../kind.ts'
import { decodeBase64 } from './formats/base64.ts'
import { derContent } from './formats/der.ts'
import { isJwk, parseJwk } from './formats/jwk.ts'
import type { KeyMaterial } from './key-material.ts'
import { type KeyMaterialConfig, readKeyMaterial } from './key-source.ts'

/**
 * What a source of a public key or certificate gives. A value in the file itself is nothing to warn about, as long as
 * it is surely no private key. Undefined after an error was reported; `scope` is that of the source.
 */
export function readPublicMaterial(
  source: KeyMaterialConfig,
  scope: Scope,
): Promise<KeyMaterial | undefined> {
  return readKeyMaterial(source, isPublic(source) ? publicly(scope) : scope)
}

/** The same scope, without warnings of what stands in the file itself. */
function publicly(scope: Scope): Scope {
  return {
    ...scope,
    report(path, fault) {
      if (fault.rule !== 'key/inline') scope.report(path, fault)
    },
    at: (...path) => publicly(scope.at(...path)),
  }
}

function isPublic(source: KeyMaterialConfig): boolean {
  if (typeof source !== 'string') return 'jwk' in source && isPublicJwk(source.jwk)
  if (/-----BEGIN/.test(source)) return !/PRIVATE/.test(source)
  const content = derContent(decodeBase64(source, 'base64') ?? Buffer.alloc(0))
  return content === 'public' || content === 'certificate' || isPublicJwk(source)
}

function isPublicJwk(written: unknown): boolean {
  const jwk = typeof written === 'string' ? parseJwk(written) : written
  return isJwk(jwk) && jwk.kty !== 'oct' && jwk.d === undefined
}
