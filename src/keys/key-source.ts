import { z } from 'zod'
import type { Scope } from '../kind.ts'
import type { FoundKey, KeyMaterial } from './key-material.ts'
import { env } from './sources/env.ts'
import { file } from './sources/file.ts'
import { inline } from './sources/inline.ts'
import { jwk } from './sources/jwk.ts'
import { jwks } from './sources/jwks.ts'
import type { KeyReferences } from './sources/key-source-kind.ts'
import { pkcs11 } from './sources/pkcs11.ts'
import { vaultTransit } from './sources/vault-transit.ts'

/** EXTENSION POINT: the key sources. A new kind is one file and one entry in one of these. */
const MATERIAL = [inline, env, file, jwk, jwks] as const
const REMOTE = [pkcs11, vaultTransit] as const
const KINDS = [...MATERIAL, ...REMOTE] as const

/** `privateKey` in a policy file or account: where the key comes from. */
export const privateKeySchema = z
  .union(KINDS.map(({ schema }) => schema))
  .describe(
    'The key that signs: { env: NAME }, { file: PATH }, { jwks: PATH }, …, or the key itself.',
  )

/** A key source that gives the key itself, not one that signs elsewhere. */
export const keyMaterialSchema = z
  .union(MATERIAL.map(({ schema }) => schema))
  .describe('A key: { env: NAME }, { file: PATH }, { jwk: … }, { jwks: PATH }, or the key itself.')

/** What may be quoted of the members of key sources, and of those below the name of one that signs elsewhere. */
export const KEY_REFERENCES: {
  readonly beside: KeyReferences
  readonly below: ReadonlyMap<string, KeyReferences>
} = {
  beside: Object.assign({}, ...MATERIAL.map(({ references }) => references)),
  below: new Map(REMOTE.map(({ key, references }) => [String(key), references])),
}

/** A key source as written in a file. */
export type KeySourceConfig = z.infer<typeof privateKeySchema>

/** A key source as written in a file that gives the key itself. */
export type KeyMaterialConfig = z.infer<typeof keyMaterialSchema>

/** What a key source gives; undefined after an error was reported. `scope` is that of the source. */
export function readKeySource(
  source: KeySourceConfig,
  scope: Scope,
): Promise<FoundKey | undefined> {
  return read(KINDS as readonly Source<KeySourceConfig, FoundKey>[], source, scope)
}

/** What a key source gives that has the key itself; undefined after an error was reported. */
export function readKeyMaterial(
  source: KeyMaterialConfig,
  scope: Scope,
): Promise<KeyMaterial | undefined> {
  return read(MATERIAL as readonly Source<KeyMaterialConfig, KeyMaterial>[], source, scope)
}

interface Source<Config, Found> {
  readonly key: string | undefined
  create(config: Config, scope: Scope): Found | undefined | Promise<Found | undefined>
}

async function read<Config extends string | object, Found>(
  kinds: readonly Source<Config, Found>[],
  source: Config,
  scope: Scope,
): Promise<Found | undefined> {
  const keys: unknown[] = typeof source === 'string' ? [undefined] : Object.keys(source)
  // The schema is the union of theirs: one of them has the key, and is given what its own let through.
  return kinds.find(({ key }) => keys.includes(key))?.create(source, scope)
}
