import { execFileSync } from 'node:child_process'
import { tempFolder } from './temp-folder.ts'

/** A chain of certificates, each PEM. */
export interface TestChain {
  /** Certificate of the key itself. */
  readonly leaf: string
  /** The one that signed `leaf`, then the one that signed that. */
  readonly issuers: readonly [intermediate: string, root: string]
  /** All of them, leaf first. */
  readonly chain: string
}

/** Makes a self-signed certificate, PEM, that is good for a day, of a private key in PEM; `openssl` makes it. */
export async function selfSigned(privateKey: string, name = 'test'): Promise<string> {
  const folder = await tempFolder({ 'key.pem': privateKey })
  const cert = openssl(folder.path, ...ROOT, '-key', 'key.pem', '-subj', `/CN=${name}`)
  await folder.remove()
  return cert
}

/** Makes a chain of three certificates that are good for a day, of a private key in PEM; `openssl` makes it. */
export async function issued(privateKey: string): Promise<TestChain> {
  const folder = await tempFolder({ 'leaf.pem': privateKey })
  const run = (...args: readonly string[]) => openssl(folder.path, ...args)
  for (const name of ['root', 'intermediate']) run(...KEY, '-out', `${name}.pem`)
  const root = run(...ROOT, '-key', 'root.pem', '-subj', '/CN=root')
  await folder.write('root.cert', root)
  const sign = async (name: string, issuer: string) => {
    const request = run('req', '-new', '-key', `${name}.pem`, '-subj', `/CN=${name}`)
    await folder.write(`${name}.csr`, request)
    await folder.write('extensions', 'basicConstraints=CA:TRUE')
    const by = ['-CA', `${issuer}.cert`, '-CAkey', `${issuer}.pem`, '-extfile', 'extensions']
    const cert = run('x509', '-req', '-in', `${name}.csr`, ...by, '-set_serial', '7', '-days', '1')
    await folder.write(`${name}.cert`, cert)
    return cert
  }
  const intermediate = await sign('intermediate', 'root')
  const leaf = await sign('leaf', 'intermediate')
  await folder.remove()
  return { leaf, issuers: [intermediate, root], chain: leaf + intermediate + root }
}

const ROOT = ['req', '-x509', '-days', '1']
const KEY = ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']

function openssl(cwd: string, ...args: readonly string[]): string {
  return execFileSync('openssl', args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}
