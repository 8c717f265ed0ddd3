import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { isFlex, readFlex } from '../../src/config/flex/index.ts'
import { type Diagnostic, gatewaySchema, policySchema } from '../../src/config/index.ts'
import { parseDocuments } from '../../src/config/yaml/document.ts'
import { jwtSchema } from '../../src/credentials/jwt-schema.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const pages = globSync(['README.md', 'docs/*.md', 'examples/*/README.md'], { cwd: root })

const blocks = pages.flatMap((page) => {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, yaml = ''], index) => ({
    page,
    number: index + 1,
    yaml,
  }))
})

it('shows on the first page the very policy that the demo runs', () => {
  const hello = readFileSync(join(root, 'policies/hello.yaml'), 'utf8')
  const [, ...lines] = hello.split('\n')
  const [first] = blocks.filter(({ page }) => page === 'README.md')
  expect(first?.yaml).toBe(lines.join('\n'))
})

it('finds examples in the pages', () => {
  expect(blocks.length).toBeGreaterThan(2)
})

it.each(blocks)('shows a file that loads: $page, example $number', ({ page, yaml }) => {
  const { documents, diagnostics } = parseDocuments(page, yaml)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  const flex = documents.filter(({ value }) => isFlex(value))
  const found: Diagnostic[] = []
  readFlex(flex, (name) => name, found)
  expect(found.filter(({ severity }) => severity === 'error')).toEqual([])
  for (const { value } of documents) {
    if (isFlex(value)) continue
    const has = (key: string) => Object.hasOwn(value as object, key)
    const whole = has('name') ? policySchema : gatewaySchema
    // a part of one, which may lack what has to be written
    const schema = has('sub') ? z.strictObject(jwtSchema.shape) : whole
    const { error } = schema.safeParse(value)
    expect(error?.issues ?? []).toEqual([])
  }
})
