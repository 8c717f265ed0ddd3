import type { KeyMaterial } from '../../../src/keys/key-material.ts'
import type { Report } from '../../../src/keys/report.ts'
import type { Fault } from '../../../src/kind.ts'
import { Secret } from '../../../src/secret.ts'

/** A material of a text, or of a binary file. */
export function materialOf(content: string | Buffer, rest: Partial<KeyMaterial> = {}): KeyMaterial {
  const binary = typeof content !== 'string'
  const text = new Secret(binary ? content.toString('base64') : content)
  return { text, ...(binary && { binary }), origin: 'a test', path: [], ...rest }
}

/** A report that keeps what it is told. */
export function keptFaults(): {
  readonly faults: (Fault & { readonly member: string | undefined })[]
  readonly report: Report
} {
  const faults: (Fault & { readonly member: string | undefined })[] = []
  return { faults, report: (fault, member) => faults.push({ ...fault, member }) }
}
