import { join } from 'node:path'
import { kebabName, type SourceDocument } from '../../config/index.ts'
import type { Path } from '../../kind.ts'
import type { JsonObject } from '../../types.ts'
import { findingItem } from '../finding-item.ts'
import { type ImportedItem, type ImportTarget, judged, needsPerson } from '../imported.ts'
import type { Accounts } from './account.ts'
import { translateClaims } from './claims.ts'
import { translateCondition } from './condition.ts'
import { translatePlace } from './placement.ts'
import { readSettings } from './settings.ts'
import { translateTimes } from './times.ts'

/** A rule as a policy. */
export interface Rule {
  readonly value: JsonObject
  readonly comments: readonly { readonly path: Path; readonly text: string }[]
  readonly items: readonly ImportedItem[]
}

/** What a rule is translated with. */
export interface RuleOptions extends ImportTarget {
  readonly accounts: Accounts
  /** Milliseconds since 1970. */
  readonly now: number
  nameOf(name: string): string
}

const LABEL = 'Label'
const DESCRIPTION = 'Description'
const CONDITION = 'When this rule should be applied'
const SKIP = 'Skip Key ID'
const ACCOUNT = 'JWT Account'

/**
 * Translates one rule. What a person has to decide is left out, and the policy is switched off until then: it must not
 * make another token than the rule did.
 */
export function translateRule(document: SourceDocument, options: RuleOptions): Rule {
  const items: ImportedItem[] = []
  const settings = readSettings(document, items)
  const label = settings.find(LABEL)?.value
  const name = options.nameOf(kebabName(typeof label === 'string' ? label : '', 'outbound-jwt'))
  const description = settings.find(DESCRIPTION)?.value
  const saveAs = name.replaceAll('-', '_').replace(/^(?=\d)/, '_')
  const condition = settings.find(CONDITION)
  const original = condition?.expression ?? String(condition?.value ?? '')
  const when = condition && translateCondition(original)
  if (when !== undefined) settings.translated(CONDITION)
  else if (condition) settings.person(CONDITION, 'write it as #[…], a boolean')
  const skip = settings.find(SKIP)?.value
  if (skip !== undefined) settings.translated(SKIP)
  const under = settings.below(ACCOUNT)
  if (under === undefined) settings.person(ACCOUNT, 'expected the account: issuer, TTL, key')
  const account = under && options.accounts.translate(under, skip === true || skip === 'true')
  const times = translateTimes(settings, { ttl: account?.ttl, now: options.now })
  const claims = translateClaims(settings)
  const place = translatePlace(settings, saveAs)
  if (label !== undefined) settings.translated(LABEL)
  if (typeof description === 'string') settings.translated(DESCRIPTION)
  settings.close()

  const path = join(options.out, 'policies', `${name}.yaml`)
  const findings = (options.findings ?? []).filter(({ file }) => file === path)
  const all = judged([...items, ...findings.map((finding) => findingItem(finding))], options)
  const isOff = all.some(needsPerson)
  const value = {
    name,
    ...(typeof description === 'string' && { description }),
    ...(isOff && { enabled: false }),
    ...(when !== undefined && { when }),
    jwt: { account: account?.name ?? 'missing', ...times, ...claims },
    ...(place && { inject: place.inject }),
    ...(place?.saved === true && { saveAs }),
  }
  const comments = [
    ...(isOff ? [{ path: ['enabled'], text: 'switched off: a person has to look at it' }] : []),
    ...(condition ? [{ path: [when === undefined ? 'jwt' : 'when'], text: original }] : []),
  ]
  return { value, comments, items: all.toSorted((a, b) => a.line - b.line) }
}
