import type { RequestPatch } from '../types.ts'
import type { Evidence } from './authenticator.ts'
import type { NamedAuthenticator } from './named-authenticator.ts'

/**
 * The change that takes inbound credentials off a request whose caller the authenticator of this name recognised;
 * undefined when there is nothing to take off.
 */
export type Removal = (
  evidence: Evidence,
  by: string | undefined,
) => Partial<RequestPatch> | undefined

/**
 * Takes off the credentials of a route's authenticators, and of all authenticators those that their sender may not
 * use. Only the very credential that was examined may be forwarded. The change is the same object for every request
 * of one authenticator that forged nothing.
 */
export function compileRemoval(
  authenticators: readonly NamedAuthenticator[],
  others: readonly NamedAuthenticator[],
): Removal {
  const forwarding = authenticators.filter(({ forwardCredential }) => forwardCredential)
  const takenBut = new Map(
    forwarding.map(({ name, authenticator: { place } }) => {
      const isKept = (other: NamedAuthenticator) =>
        other.name === name || (place !== undefined && other.authenticator.place === place)
      return [name, authenticators.filter((other) => !isKept(other))]
    }),
  )
  const usual = new Map([...takenBut].map(([name, taken]) => [name, removalOf(taken)]))
  const whole = removalOf(authenticators)
  const suspects = [...authenticators, ...others].filter(
    ({ authenticator }) => authenticator.isForged,
  )
  if (suspects.length === 0) return (_evidence, by = '') => (usual.has(by) ? usual.get(by) : whole)
  return (evidence, by = '') => {
    const forged = suspects.filter(({ authenticator }) => authenticator.isForged?.(evidence))
    if (forged.length > 0)
      return removalOf([...new Set([...(takenBut.get(by) ?? authenticators), ...forged])])
    return usual.has(by) ? usual.get(by) : whole
  }
}

function removalOf(
  authenticators: readonly NamedAuthenticator[],
): Partial<RequestPatch> | undefined {
  const removals = authenticators.flatMap(({ authenticator }) => authenticator.removal ?? [])
  if (removals.length === 0) return undefined
  return {
    removeHeaders: removals.flatMap(({ removeHeaders = [] }) => removeHeaders),
    removeQuery: removals.flatMap(({ removeQuery = [] }) => removeQuery),
    removeCookies: removals.flatMap(({ removeCookies = [] }) => removeCookies),
  }
}
