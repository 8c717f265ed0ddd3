import { z } from 'zod'
import type { Scope } from '../kind.ts'
import type { KeyMaterial } from './key-material.ts'
import type { KeySourceKind } from './key-source-kind.ts'
import { env } from './sources/env.ts'
import { file } from './sources/file.ts'
import { inline } from './sources/inline.ts'
import { jwk } from './sources/jwk.ts'

/** EXTENSION POINT: the key sources. A new kind is one file and one entry here. */
const KINDS = [inline, env, file, jwk] as const

/** `privateKey` in a policy file or account: where the key comes from. */
export const privateKeySchema = z
  .union(KINDS.map(({ schema }) => schema))
  .describe('The key that signs: { env: NAME }, { file: PATH }, { jwk: … }, or the key itself.')

/** A key source as written in a file. */
export type PrivateKeySource = z.infer<typeof privateKeySchema>

/** The material of a key source; undefined after an error was reported. `scope` is that of the source. */
export async function readKeySource(
  source: PrivateKeySource,
  scope: Scope,
): Promise<KeyMaterial | undefined> {
  const [key] = typeof source === 'string' ? [] : Object.keys(source)
  // each kind is given what its own schema let through
  const kind = KINDS.find((candidate) => candidate.key === key) as KeySourceKind<PrivateKeySource>
  return kind.create(source, scope)
}
