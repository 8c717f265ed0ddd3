import { execFileSync } from 'node:child_process'
import type { TestCertificate } from './certificate.ts'
import { tempFolder } from './temp-folder.ts'

/** What a certificate is like; all of it may be left out. */
export interface IssueOptions {
  /** As `openssl req -subj` takes it: `/O=acme/CN=orders`. Default `/CN=orders`. */
  readonly subject?: string
  /** Subject alternative names: `DNS:orders.mesh`, `URI:spiffe://mesh/orders`. */
  readonly names?: readonly string[]
  /** Days until it expires; -1 makes one that has expired. Default 1. */
  readonly days?: number
  /** Extended key usage. Default `clientAuth,serverAuth`. */
  readonly usage?: string
}

/** An authority, self-signed, that issues certificates with `openssl`; ask `canMakeCertificates` first. */
export interface TestAuthority extends TestCertificate {
  issue(options?: IssueOptions): Promise<TestCertificate>
}

/** Makes an authority that is good for a day. */
export async function createAuthority(name = 'authority'): Promise<TestAuthority> {
  const own = await inFolder({}, (run) => {
    run(...NEW_KEY, '-out', 'ca.key')
    run('req', '-x509', '-days', '1', '-subj', `/CN=${name}`, '-key', 'ca.key', '-out', 'ca.pem')
    return { key: run('pkey', '-in', 'ca.key'), cert: run('x509', '-in', 'ca.pem') }
  })
  return {
    ...own,
    issue: ({ subject = '/CN=orders', names = [], days = 1, usage = DEFAULT_USAGE } = {}) =>
      inFolder(
        { 'ca.key': own.key, 'ca.pem': own.cert, extensions: extensions(names, usage) },
        (run) => {
          run(...NEW_KEY, '-out', 'key.pem')
          run('req', '-new', '-utf8', '-key', 'key.pem', '-subj', subject, '-out', 'request.pem')
          const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', '7']
          const made = ['-days', String(days), '-extfile', 'extensions']
          const cert = run('x509', '-req', '-in', 'request.pem', ...by, ...made)
          return { cert, key: run('pkey', '-in', 'key.pem') }
        },
      ),
  }
}

const DEFAULT_USAGE = 'clientAuth,serverAuth'
const NEW_KEY = ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']

function extensions(names: readonly string[], usage: string): string {
  const lines = names.map((name, index) => {
    const [type, ...rest] = name.split(':')
    return `${type}.${index + 1} = ${rest.join(':').replace(/["\\,]/g, '\\$&')}`
  })
  const alternative = names.length === 0 ? '' : 'subjectAltName = @names\n'
  return `extendedKeyUsage = ${usage}\n${alternative}[names]\n${lines.join('\n')}\n`
}

type Run = (...args: readonly string[]) => string

async function inFolder<T>(
  files: Readonly<Record<string, string>>,
  work: (run: Run) => T,
): Promise<T> {
  const folder = await tempFolder(files)
  const stdio = ['ignore', 'pipe', 'ignore'] as const
  try {
    return work((...args) =>
      execFileSync('openssl', args, { cwd: folder.path, encoding: 'utf8', stdio: [...stdio] }),
    )
  } finally {
    await folder.remove()
  }
}
