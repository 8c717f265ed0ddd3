import { Secret } from '../secret.ts'

/** A file that holds a key or another secret, and nothing else. */
export interface KeyFile {
  readonly path: string
  readonly text: Secret
}

/** The file of a secret: `PATH.pem` for a PEM block, else `PATH.secret`, whose line end is no part of the secret. */
export function keyFile(path: string, secret: string): KeyFile {
  return secret.includes('-----BEGIN')
    ? { path: `${path}.pem`, text: new Secret(secret) }
    : { path: `${path}.secret`, text: new Secret(`${secret}\n`) }
}
