import { spawnSync } from 'node:child_process'

/** A token to open, and the key for it: the secret or private key of a JWE, the secret or public key of a JWS. */
export interface OpenedBy {
  readonly token: string
  readonly key: object
}

// pyenv and the like may stand before the Python that Debian's packages belong to.
const python = ['/usr/bin/python3', 'python3'].find(
  (name) => spawnSync(name, ['-c', 'import jwcrypto']).status === 0,
)

/** True when python3 has jwcrypto here; a line on stderr says when it has not. */
export const canRunJwcrypto = python !== undefined
if (!canRunJwcrypto) {
  process.stderr.write('skipped: the tests with jwcrypto, install python3-jwcrypto\n')
}

const PROGRAM = `
import json, sys
from jwcrypto import jwe, jwk, jws
def open_token(task):
    key = jwk.JWK(**task['key'])
    if task['token'].count('.') == 4:
        opened = jwe.JWE()
        opened.deserialize(task['token'], key)
    else:
        opened = jws.JWS()
        opened.deserialize(task['token'], key)
    return opened.payload.decode()
def try_token(task):
    try:
        return open_token(task)
    except Exception as error:
        return 'refused: ' + type(error).__name__
print(json.dumps([try_token(task) for task in json.load(sys.stdin)]))
`

/** Decrypts or verifies each token with jwcrypto: its content, or `refused: …`. */
export function openWithJwcrypto(tasks: readonly OpenedBy[]): string[] {
  const input = JSON.stringify(tasks)
  const { status, stdout, stderr } = spawnSync(python ?? '', ['-c', PROGRAM], {
    input,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`expected jwcrypto to run: ${stderr}`)
  return JSON.parse(stdout)
}
