import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from './temp-folder.ts'

/** What goes into a PKCS#12 file, and how. */
export interface Pkcs12Content {
  /** PEM of the private key; absent for certificates alone. */
  readonly key?: string
  /** PEM of the certificate of the key. */
  readonly certificate: string
  /** PEM of further certificates, in the order that they are to stand in. */
  readonly others?: readonly string[]
  readonly passphrase: string
  /** More arguments of `openssl pkcs12 -export`: `-legacy`. */
  readonly flags?: readonly string[]
}

/** Makes a PKCS#12 file with `openssl` on the PATH; ask `canMakeCertificates` first. */
export async function makePkcs12(content: Pkcs12Content): Promise<Buffer> {
  const { key, certificate, others = [], passphrase, flags = [] } = content
  const folder = await tempFolder({
    'cert.pem': certificate,
    'others.pem': others.join(''),
    ...(key !== undefined && { 'key.pem': key }),
  })
  const at = (name: string) => join(folder.path, name)
  execFileSync('openssl', [
    ...['pkcs12', '-export', '-in', at('cert.pem'), '-out', at('made.p12'), ...flags],
    ...(key === undefined ? ['-nokeys'] : ['-inkey', at('key.pem')]),
    ...(others.length > 0 ? ['-certfile', at('others.pem')] : []),
    ...['-passout', `pass:${passphrase}`],
  ])
  const made = readFileSync(at('made.p12'))
  await folder.remove()
  return made
}
