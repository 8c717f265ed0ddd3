import { Command } from 'commander'
import { z } from 'zod'
import { gatewaySchema, policySchema } from '../config/index.ts'
import { Stop } from './stop.ts'

const KINDS = {
  policy: { schema: policySchema, title: 'countersign policy file' },
  gateway: { schema: gatewaySchema, title: 'countersign gateway file' },
}

/** `countersign schema`: the JSON Schema of a file format, for editors. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('Print the JSON Schema of a file format.')
    .argument('[kind]', Object.keys(KINDS).join(' or '), 'policy')
    .action((kind: string) => {
      if (!Object.hasOwn(KINDS, kind)) {
        throw new Stop(2, `no schema "${kind}": expected ${Object.keys(KINDS).join(' or ')}`)
      }
      process.stdout.write(schemaText(kind as keyof typeof KINDS))
    })
}

/** JSON Schema of what may be written in a file, as text that ends with a line feed. */
export function schemaText(kind: keyof typeof KINDS): string {
  const { schema, title } = KINDS[kind]
  const json = z.toJSONSchema(schema, { target: 'draft-7', io: 'input', reused: 'inline' })
  return `${JSON.stringify({ title, ...json }, null, 2)}\n`
}
