import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ecKeys, rsaKeys } from './keys.ts'

/**
 * The key files of the golden policies that the openssl command makes: keys encrypted under `passphrase`, certificates
 * good from 2020 to 2099, and both together as PKCS#12.
 */
export function opensslFiles(passphrase: string): Readonly<Record<string, string | Buffer>> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-golden-'))
  const openssl = (command: string) => {
    execFileSync('openssl', command.split(' '), {
      cwd: folder,
      env: { PATH: process.env.PATH, PASSPHRASE: passphrase },
      stdio: 'pipe',
    })
  }
  const read = (name: string) => readFileSync(join(folder, name))
  try {
    const made: Record<string, string | Buffer> = {}
    for (const [name, { pkcs8 }] of Object.entries({ rs256: rsaKeys(), es256: ecKeys() })) {
      const key = `${name}.pem`
      writeFileSync(join(folder, key), pkcs8)
      writeFileSync(join(folder, 'config'), CERTIFICATION)
      writeFileSync(join(folder, 'index.txt'), '')
      writeFileSync(join(folder, 'serial'), '01')
      openssl(`req -new -config config -key ${key} -subj /CN=${name} -out request`)
      openssl(
        `ca -config config -selfsign -batch -notext -keyfile ${key} -in request -out ${name}.crt` +
          ' -startdate 20200101000000Z -enddate 20991231000000Z',
      )
      openssl(`pkcs8 -topk8 -in ${key} -v2 aes-256-cbc -passout env:PASSPHRASE -out encrypted`)
      openssl(
        `pkcs12 -export -inkey ${key} -in ${name}.crt -passout env:PASSPHRASE -out ${name}.p12`,
      )
      made[`${name}.crt`] = read(`${name}.crt`).toString()
      made[`${name}-with-certificate.pem`] = `${pkcs8}${made[`${name}.crt`]}`
      made[`${name}.encrypted.pem`] = read('encrypted').toString()
      made[`${name}.p12`] = read(`${name}.p12`)
      made[`${name}.p12.b64`] = read(`${name}.p12`).toString('base64')
    }
    return made
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Only `openssl ca` makes a certificate that is good at the hour at which the golden policies run. */
const CERTIFICATION = `
[req]
distinguished_name = name
[name]
[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
[any]
commonName = supplied
`
