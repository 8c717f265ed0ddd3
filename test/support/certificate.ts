import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from './temp-folder.ts'

/** True when certificates can be made here. */
export const canMakeCertificates = spawnSync('openssl', ['version']).status === 0

/** A self-signed certificate and its private key, both PEM. */
export interface TestCertificate {
  readonly cert: string
  readonly key: string
}

/**
 * Makes a certificate for `names` (`DNS:localhost`, `IP:127.0.0.1`) that is good for a day, with `openssl` on the
 * PATH; ask `canMakeCertificates` first.
 */
export async function makeCertificate(names = 'DNS:localhost'): Promise<TestCertificate> {
  const folder = await tempFolder()
  const [keyFile, certFile] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-days', '1', '-subj', '/CN=test', '-addext', `subjectAltName=${names}`],
      ...['-keyout', keyFile, '-out', certFile],
    ],
    { stdio: 'ignore' },
  )
  const made = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  await folder.remove()
  return made
}
