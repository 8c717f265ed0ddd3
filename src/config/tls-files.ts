import { createPrivateKey, X509Certificate } from 'node:crypto'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { UpstreamTls } from '../compiled.ts'
import { checkFileMode } from '../keys/index.ts'
import type { Scope } from '../kind.ts'
import { Secret } from '../secret.ts'
import { reasonOf } from './unreadable-error.ts'

type Name = 'ca' | 'cert' | 'key'

/** What is said of PEM files that cannot be used. */
export interface TlsNaming {
  readonly rule: string
  /** The key that the file of authorities stands at. */
  readonly ca: string
}

/** Paths of PEM files, relative to the gateway file. */
export type TlsFiles = { readonly [name in Name]?: string | undefined }

type TlsTexts = { readonly [name in Name]?: string }

const EXPECTED = {
  ca: 'certificates in PEM',
  cert: 'a certificate in PEM',
  key: 'a private key in PEM without a passphrase',
} satisfies Record<Name, string>

/**
 * Reads the PEM files for TLS and checks that they are what they are for, and that certificate and key belong together.
 * Undefined after an error was reported; `scope` is that of the `tls` block.
 */
export async function readTls(
  files: TlsFiles,
  scope: Scope,
  naming: TlsNaming,
): Promise<Omit<UpstreamTls, 'minVersion'> | undefined> {
  const texts: { [name in Name]?: string } = {}
  let failed = false
  const refuse = (path: readonly Name[], message: string, hint: string) => {
    failed = true
    const at = path.map((name) => (name === 'ca' ? naming.ca : name))
    scope.report(at, { severity: 'error', rule: naming.rule, message, hint })
  }
  for (const name of ['ca', 'cert', 'key'] as const) {
    const file = files[name]
    if (file === undefined) continue
    try {
      const bytes = await scope.environment.readFile(resolve(scope.folder, file))
      texts[name] = bytes.toString()
      if (name === 'key') await checkFileMode(file, bytes, scope.at(name), 'key')
    } catch (error) {
      const hint = 'check the path: it is relative to this file'
      refuse(
        [name],
        `expected ${EXPECTED[name]} in a file that can be read: ${reasonOf(error)}`,
        hint,
      )
    }
  }
  for (const name of wrongParts(texts)) {
    refuse(
      [name],
      `expected ${EXPECTED[name]} in the file`,
      'name another file, or convert this one',
    )
  }
  const [one] = ([files.cert, files.key] as const).filter((file) => file !== undefined)
  if (one !== undefined && (files.cert === undefined || files.key === undefined)) {
    refuse([], 'expected cert and key together', 'a certificate needs its private key')
  }
  if (!failed && !fits(texts)) {
    refuse(
      ['key'],
      'expected the private key of the certificate',
      'name the key that cert was made for',
    )
  }
  if (failed) return undefined
  const { ca, cert, key } = texts
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key: new Secret(key) }),
  }
}

/** TLS itself ignores an authority that it cannot read, and an empty file. */
function wrongParts({ ca, cert, key }: TlsTexts): Name[] {
  const wrong: Name[] = []
  if (ca !== undefined && !isParsed(() => certificates(ca))) wrong.push('ca')
  if (cert !== undefined && !isParsed(() => certificates(cert))) wrong.push('cert')
  if (key !== undefined && !isParsed(() => createPrivateKey(key))) wrong.push('key')
  return wrong
}

function certificates(text: string): X509Certificate[] {
  const [, ...blocks] = text.split(/(?=-----BEGIN)/)
  return (blocks.length > 0 ? blocks : [text]).map((block) => new X509Certificate(block))
}

function fits(texts: TlsTexts): boolean {
  return isParsed(() => createSecureContext({ ...texts }))
}

function isParsed(parse: () => unknown): boolean {
  try {
    parse()
    return true
  } catch {
    return false
  }
}
