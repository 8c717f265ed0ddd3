import type { Account } from '../credentials/index.ts'
import { isMap } from '../is-map.ts'
import { createCacheChoice, type NamedCaches } from './caches.ts'
import type { Diagnostic } from './diagnostic.ts'
import { isFlex } from './flex/index.ts'
import { inertScope } from './inert-scope.ts'
import { inspectPolicy } from './inspect-policy.ts'
import {
  createSink,
  isSound,
  type KeptFile,
  type KeptPolicy,
  type TracedReads,
} from './kept/index.ts'
import { compilePolicy } from './policy.ts'
import { located, type PolicyFile } from './policy-file.ts'
import { cacheSchema, type PolicyConfig, policySchema } from './policy-schema.ts'
import type { PolicyOptions } from './policy-source.ts'
import { createScope, type Located } from './scope.ts'
import { tokensRead } from './token-order.ts'
import { typeDocument } from './typed-document.ts'
import { paramsRead } from './uri-param-check.ts'
import type { SourceDocument } from './yaml/index.ts'

/** What policies are compiled with. */
export interface CompileSurroundings {
  /** Left out, any account may be meant. */
  readonly accounts?: PolicyOptions['accounts'] | undefined
  /** What `cache.name` may name; left out, any cache. */
  readonly caches?: NamedCaches | undefined
  /** Default: nobody is told. */
  readonly onRenewalFailure?: PolicyOptions['onRenewalFailure'] | undefined
  readonly share?: PolicyOptions['share']
  /** True when an earlier reading of the files serves. Default false. */
  readonly serving?: boolean | undefined
  /** False when what is around policies has changed: those of earlier readings are compiled again. Default true. */
  readonly isSame?: boolean | undefined
}

/** Reads the documents of policy files. */
export interface FileCompiler {
  /**
   * Types and compiles the documents of a file, but for what was compiled `before` and rests on the same still. For
   * a document of a Flex gateway there is nothing yet.
   */
  readFile(
    file: PolicyFile,
    before?: readonly (KeptPolicy | undefined)[],
  ): Promise<readonly (KeptPolicy | undefined)[]>
  /** True when nothing of a file, which is the same itself, would become anything else; false where it is not known. */
  isKept(file: KeptFile): boolean
  /** Types and compiles one document; `before` is the same one as it was typed before. */
  readPolicy(document: () => SourceDocument, place: Located, before?: Typed): Promise<KeptPolicy>
}

type Typed = Pick<KeptPolicy, 'config' | 'names' | 'reads' | 'faults'>

/** Creates what compiles the policies of one reading; `turn` is called between two of them. */
export function createFileCompiler(
  traced: TracedReads,
  surroundings: CompileSurroundings,
  turn: () => Promise<void> | undefined,
): FileCompiler {
  const { accounts, caches, share, serving, isSame = true } = surroundings
  const { onRenewalFailure = () => undefined } = surroundings
  const options: PolicyOptions = {
    accounts,
    chooseCache: createCacheChoice(caches),
    onRenewalFailure,
    share,
  }
  return {
    readFile,
    readPolicy,
    isKept: ({ basis, policies }) =>
      traced.holds(basis) === true &&
      policies.every((policy) => policy === undefined || mayKeep(policy) === true),
  }

  async function readFile(
    file: PolicyFile,
    before: readonly (KeptPolicy | undefined)[] = [],
  ): Promise<readonly (KeptPolicy | undefined)[]> {
    const policies: (KeptPolicy | undefined)[] = []
    for (let index = 0; index < file.size; index += 1) {
      const known = before[index]
      if (known && (await mayKeep(known))) {
        policies.push(known)
        continue
      }
      await turn()
      const document = () => file.documents()[index] as SourceDocument
      const isForeign = !known && isFlex(document().value)
      policies.push(isForeign ? undefined : await readPolicy(document, located(file, index), known))
    }
    file.release()
    return policies
  }

  async function readPolicy(
    document: () => SourceDocument,
    place: Located,
    before?: Typed,
  ): Promise<KeptPolicy> {
    const { config, names, reads, faults } = before ?? typePolicy(document())
    const diagnostics: Diagnostic[] = []
    const sink = createSink(diagnostics)
    const scope = createScope(place, traced.environment, sink, { serving })
    const { result, basis } = await traced.trace(() =>
      config ? compile(config) : inspectPolicy(document().value, scope, options),
    )
    const account = accountOf(config)
    return {
      ...{ config, names, reads, faults },
      compilation: { result: result ?? undefined, diagnostics, basis, account },
      ...{ scope, sink },
    }

    async function compile(written: PolicyConfig) {
      if (written.enabled !== false) return compilePolicy(written, scope, options)
      await compilePolicy(written, inertScope(scope), options)
      return undefined
    }
  }

  function mayKeep({ config, compilation }: KeptPolicy): boolean | Promise<boolean> {
    if (!isSame || !config || !isSound(compilation)) return false
    return compilation.account === accountOf(config) && traced.holds(compilation.basis)
  }

  function accountOf(config: PolicyConfig | undefined): Account | undefined {
    const name = config?.jwt?.account
    return name === undefined ? undefined : accounts?.get(name)
  }
}

const READS_NOTHING = { tokens: [], params: [] }

function typePolicy(document: SourceDocument): Typed {
  const faults: Diagnostic[] = []
  const config = typeDocument(policySchema, document, faults)
  const written: unknown = document.value
  const { name, saveAs, cache } = isMap(written) ? written : {}
  const names = {
    name: textOf(name),
    saveAs: textOf(saveAs),
    cache: cacheSchema.safeParse(cache).data?.name,
  }
  const reads = config ? { tokens: tokensRead(config), params: paramsRead(config) } : READS_NOTHING
  return { config, names, reads, faults }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
