import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { parse } from 'yaml'
import { mutated } from '../../support/arbitrary-mutation.ts'
import { documents, WORDS } from '../../support/arbitrary-yaml.ts'
import { fuzz } from '../fuzz-kind.ts'
import { startLoading } from '../loading.ts'

const GOLDEN = new URL('../../policies/', import.meta.url)
const seeds = readdirSync(GOLDEN).map((file) => {
  return String(parse(readFileSync(new URL(file, GOLDEN), 'utf8')).policy)
})

/** Policy files: the golden ones with changes, and documents of the same words. */
export const policyFiles = fuzz<string>({
  name: 'policy-files',
  inputs: fc.oneof(
    { weight: 3, arbitrary: mutated(fc.constantFrom(...seeds), WORDS, 2) },
    { weight: 1, arbitrary: mutated(documents, WORDS, 1) },
  ),
  found: [],
  usual: ['refused', 'loaded'],
  limit: 2000,
  start: () =>
    startLoading(
      'policies/p.yaml',
      (folder) => ({
        policies: `${folder}/policies/p.yaml`,
        upstream: 'http://127.0.0.1:9',
      }),
      { 'policies/keys/none': '' },
    ),
})
