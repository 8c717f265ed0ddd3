import { expect, it } from 'vitest'
import { z } from 'zod'
import { type Diagnostic, formatDiagnostic } from '../../../src/config/diagnostic.ts'
import { readNamedDocument } from '../../../src/config/named-document.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const CANARY = 'CANARY0123456789abcdef'
const DIGEST = 'ab12cd34'.repeat(8)
const schema = z.array(z.strictObject({ sha256: z.string(), enabled: z.boolean().optional() }))

/** Every finding about a file with this text, as it is printed. */
async function printed(text: string): Promise<string> {
  const { path: folder } = await tempFolder({ 'clients.yaml': text })
  const diagnostics: Diagnostic[] = []
  const { scope } = recordingScope({ folder })
  await readNamedDocument('clients.yaml', schema, scope, diagnostics)
  expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true)
  return diagnostics.map((diagnostic) => formatDiagnostic(diagnostic)).join('\n')
}

it.each([
  `- { sha265: ${DIGEST} }`,
  `- { ${DIGEST}: x }`,
  `- { ${CANARY}: x }`,
  `- { a.${CANARY}: x }`,
  `- ${CANARY}`,
  CANARY,
  `- { sha256: *${CANARY} }`,
  `- { sha256: ${DIGEST}, ${CANARY}: 1, ${CANARY}: 2 }`,
  `- { sha256: ${DIGEST} }\n ${CANARY}`,
  `- { sha256: ${DIGEST}, enabled: ${CANARY} }`,
  `%${CANARY}\n---\n- a`,
  `- { sha256: "${CANARY}\\x" }`,
])('quotes nothing of %s', async (text) => {
  const told = await printed(text)
  expect(told).not.toContain(CANARY)
  expect(told).not.toContain(DIGEST.slice(0, 12))
  expect(told).toMatch(/clients\.yaml:\d+:\d+: error\[/)
})
