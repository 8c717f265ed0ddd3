import { execFileSync } from 'node:child_process'
import { hasModule } from './nginx.ts'

/** Debian packages by the program of each, for what the benchmark cannot do without. */
const REQUIRED = { taskset: 'util-linux', nginx: 'nginx-light', wrk: 'wrk' }
/** For what only some contenders and scenarios need. */
const OPTIONAL = { caddy: 'caddy', haproxy: 'haproxy', openssl: 'openssl' }
const MODULES = {
  ngx_http_lua_module: 'libnginx-mod-http-lua',
  ngx_http_js_module: 'libnginx-mod-http-js',
}

/** All that a run may ask for. */
export const DEBIAN_PACKAGES: readonly string[] = [REQUIRED, OPTIONAL, MODULES].flatMap((table) =>
  Object.values(table),
)

/** Debian packages of what is not there. */
export interface Missing {
  /** Without these nothing is measured. */
  readonly required: readonly string[]
  /** Whoever needs these does not take part. */
  readonly optional: readonly string[]
}

/** Looks what is installed; installs nothing. */
export function findMissing(): Missing {
  const required = packagesOf(REQUIRED, hasProgram)
  const isWithModules = (module: string) => !required.includes(REQUIRED.nginx) && hasModule(module)
  return {
    required,
    optional: [...packagesOf(OPTIONAL, hasProgram), ...packagesOf(MODULES, isWithModules)],
  }
}

/** What to type to install packages. */
export function installLine(packages: readonly string[]): string {
  return `apt-get install --no-install-recommends ${packages.join(' ')}`
}

function packagesOf(
  table: Readonly<Record<string, string>>,
  isThere: (name: string) => boolean,
): string[] {
  return Object.entries(table).flatMap(([name, debian]) => (isThere(name) ? [] : [debian]))
}

function hasProgram(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
