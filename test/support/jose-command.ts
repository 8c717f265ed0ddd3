import { spawnSync } from 'node:child_process'
import type { OpenedBy } from './jwcrypto.ts'
import { tempFolder } from './temp-folder.ts'

const listed = spawnSync('jose', ['alg'], { encoding: 'utf8' })

/** Names of the algorithms that the `jose` command knows here; none when it is not on the PATH. */
export const joseCommandKnows: ReadonlySet<string> = new Set(
  listed.status === 0 ? listed.stdout.split('\n').filter((name) => name !== '') : [],
)
if (joseCommandKnows.size === 0) {
  process.stderr.write('skipped: the tests with the jose command, which is not on the PATH\n')
}

/** Decrypts or verifies a token with the `jose` command: its content, or `refused`. */
export async function openWithJose({ token, key }: OpenedBy): Promise<string> {
  const { path } = await tempFolder({ token, 'key.jwk': JSON.stringify(key) })
  const isJwe = token.split('.').length === 5
  const verb = isJwe ? ['jwe', 'dec'] : ['jws', 'ver', '-O', '-']
  const { status, stdout } = spawnSync('jose', [...verb, '-i', 'token', '-k', 'key.jwk'], {
    cwd: path,
    encoding: 'utf8',
  })
  return status === 0 ? stdout : 'refused'
}
