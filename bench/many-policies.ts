import { writeFileSync } from 'node:fs'
import type { Setting } from './setting.ts'
import { CALLER, CLAIMS, keyMembers, policyText } from './token-shape.ts'

/** The paths that are asked for, whatever the number of policies. */
export const ASKED = Array.from({ length: 10 }, (_, at) => `/r${at}/p${at}/orders`)

/** What all of the policies claim. */
export const MANY_CLAIMS = { iss: 'bench', sub: CALLER['x-user'], tenant: CALLER['x-tenant'] }

/** How many policies, on how many routes. */
export interface Many {
  readonly policies: number
  readonly routes: number
}

/**
 * Writes policies in files of their own, and a gateway file with an account for all of them: `/r7/p1007` has policy
 * 1007, on route 7 of 1,000. A single route takes every path, and so does its policy.
 */
export function writeMany(
  folder: string,
  { upstream: { url }, keys }: Setting,
  { policies, routes }: Many,
): void {
  const listed = Array.from({ length: routes }, (_, at) => {
    return { name: `r${at}`, ...(routes > 1 && { match: { path: `/r${at}` } }), upstream: url }
  })
  const accounts = { bench: { issuer: 'bench', ...keyMembers(keys.ES256) } }
  writeFileSync(`${folder}/countersign.yaml`, JSON.stringify({ accounts, routes: listed }))
  for (let at = 0; at < policies; at += 1) writeOneOfMany(folder, at, routes)
}

/** Writes policy `at`, with claims beside those of all. */
export function writeOneOfMany(
  folder: string,
  at: number,
  routes: number,
  more: Readonly<Record<string, string>> = {},
): void {
  const { sub, tenant } = CLAIMS
  const text = policyText({
    name: `p${at}`,
    key: 'bench',
    reuses: true,
    ...(routes > 1 && { path: `/r${at % routes}/p${at}` }),
    claims: { sub, tenant, ...more },
  })
  writeFileSync(`${folder}/policies/p${at}.yaml`, text)
}
