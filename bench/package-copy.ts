import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Builds the package and copies it to `folder` as it would be installed: a clone would run its sources instead. */
export function buildPackage(folder: string): string {
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: ROOT, stdio: 'inherit' })
  const { files } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { files: string[] }
  for (const file of [...files, 'package.json']) {
    cpSync(`${ROOT}${file}`, `${folder}/${file}`, { recursive: true })
  }
  symlinkSync(`${ROOT}node_modules`, `${folder}/node_modules`)
  return folder
}
