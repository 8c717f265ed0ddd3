import type { KeyObject } from 'node:crypto'
import type { KeyMaterial } from '../key-material.ts'
import { formatOf, type KeyType } from '../key-type.ts'
import type { Report } from '../report.ts'
import { describeForm, type KeyForm } from './key-form.ts'

/** Reports a material that does not look as its declared format does; false after that. */
export function checkFormat(
  keyType: KeyType | undefined,
  found: KeyForm,
  material: KeyMaterial,
  report: Report,
): boolean {
  if (keyType === undefined) return true
  const form = found.form === 'bytes' ? 'DER' : found.form
  const isPkcs12 = found.form === 'DER' && found.content === 'pkcs12'
  if (form === formatOf(keyType).form && !isPkcs12) return true
  report({
    severity: 'error',
    rule: 'key/type',
    message: `expected what keyType ${keyType} says, found ${describeForm(found, material)}`,
    hint: 'leave keyType out, or write the one that this key has',
  })
  return false
}

/** Reports a key of another type than its declared format may hold; false after that. */
export function checkAsymmetricType(
  keyType: KeyType | undefined,
  { asymmetricKeyType }: KeyObject,
  report: Report,
): boolean {
  const expected = keyType && formatOf(keyType).asymmetricKeyType
  if (expected === undefined || expected === asymmetricKeyType) return true
  report({
    severity: 'error',
    rule: 'key/type',
    message: `expected what keyType ${keyType} says, found a key of type ${asymmetricKeyType}`,
    hint: 'leave keyType out, or write the one that this key has',
  })
  return false
}
