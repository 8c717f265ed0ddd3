import { z } from 'zod'
import type { Path, Scope } from '../../kind.ts'
import type { Secret } from '../../secret.ts'
import { readWrittenSecret, secretPlaces } from '../sources/written-secret.ts'
import { RemoteFault } from './remote-fault.ts'

/** Where what opens a remote signer is kept: `{ env: NAME }` or `{ file: PATH }`, never the secret itself. */
export const secretReferenceSchema = z.union(secretPlaces)

/** A secret reference as written. */
export type SecretReference = z.infer<typeof secretReferenceSchema>

/**
 * What stands there now: one line of printable ASCII, without its line end. Rejects with a `RemoteFault` about
 * `member`, which is the place of the reference.
 */
export async function readSecret(
  reference: SecretReference,
  scope: Scope,
  member: Path,
): Promise<Secret> {
  const place = throwing(scope, member)
  const secret = await readWrittenSecret(reference, place, 'secret')
  if (secret !== undefined && /^[\x20-\x7e]+$/.test(secret.reveal())) return secret
  throw new RemoteFault('parse', {
    message: 'expected one line of printable ASCII characters',
    hint: 'write the secret there alone',
    member: [...member, ...Object.keys(reference)],
  })
}

/** Scopes that were told a warning: the reference is read again whenever it is needed. */
const warned = new WeakSet<Scope>()

/** A scope at `member`, of which every error is thrown: it may come to light long after the files were read. */
function throwing(scope: Scope, member: Path): Scope {
  return {
    ...scope,
    report(below, fault) {
      const { rule, message, hint = '' } = fault
      if (fault.severity !== 'error') {
        if (!warned.has(scope)) scope.report([...member, ...below], fault)
        warned.add(scope)
        return
      }
      const code = rule.slice(rule.indexOf('/') + 1)
      throw new RemoteFault(code, { message, hint, member: [...member, ...below] })
    },
    at: (...below) => throwing(scope, [...member, ...below]),
  }
}
