import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tempFolder } from './temp-folder.ts'

/** How many tests ran, and which of them failed. */
export interface TestRun {
  readonly total: number
  /** Their full titles. */
  readonly failed: readonly string[]
}

/** A copy of the repository whose source may be changed. */
export interface SourceCopy {
  /** Replaces `text`, which must stand in the file exactly once, and gives what takes that back. */
  change(file: string, text: string, replacement: string): () => void
  /** Runs these test files of the copy. */
  run(files: readonly string[]): Promise<TestRun>
  remove(): Promise<void>
}

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url))
// Without vitest's own configuration, which writes its report elsewhere.
const COPIED = ['src', 'test', 'bin', 'docs', 'package.json', 'tsconfig.json']

/** Copies the repository into a temporary folder. */
export async function copySource(): Promise<SourceCopy> {
  const { path, remove } = await tempFolder()
  for (const name of COPIED) cpSync(join(REPOSITORY, name), join(path, name), { recursive: true })
  symlinkSync(join(REPOSITORY, 'node_modules'), join(path, 'node_modules'))
  return {
    change(file, text, replacement) {
      const source = readFileSync(join(path, file), 'utf8')
      const count = source.split(text).length - 1
      if (count !== 1) throw new Error(`expected once in ${file}, found ${count} times: ${text}`)
      writeFileSync(
        join(path, file),
        source.replace(text, () => replacement),
      )
      return () => writeFileSync(join(path, file), source)
    },
    async run(files) {
      const report = join(path, 'report.json')
      rmSync(report, { force: true })
      const vitest = join(path, 'node_modules/vitest/vitest.mjs')
      const settings = ['--testTimeout=20000', '--reporter=json', `--outputFile=${report}`]
      const child = spawn(process.execPath, [vitest, 'run', ...files, ...settings], {
        cwd: path,
        env: { PATH: process.env.PATH },
        stdio: 'ignore',
      })
      await once(child, 'exit')
      const { numTotalTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
      const tests: { status: string; fullName: string }[] = testResults.flatMap(
        ({ assertionResults }: { assertionResults: unknown[] }) => assertionResults,
      )
      const failed = tests.filter(({ status }) => status === 'failed')
      return { total: numTotalTests, failed: failed.map(({ fullName }) => fullName) }
    },
    remove,
  }
}
