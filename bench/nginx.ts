import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import type { Child, Children } from './children.ts'

/** What an nginx of the benchmark does. */
export interface NginxOptions {
  /** Where its configuration goes. */
  readonly folder: string
  readonly children: Children
  readonly cores: string
  /** Modules to load, by the names of their files without `.so`. */
  readonly modules?: readonly string[]
  /** Directives of its `http` block. */
  readonly http: string
}

/** Starts nginx with one worker, without logs, for connections that stay open. */
export function startNginx({ folder, children, cores, modules = [], http }: NginxOptions): Child {
  mkdirSync(folder, { recursive: true })
  const text = `
    ${modules.map((module) => `load_module ${moduleFile(module)};`).join('\n')}
    daemon off;
    worker_processes 1;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    pid ${folder}/nginx.pid;
    error_log stderr error;
    events { worker_connections 20000; }
    http {
      access_log off;
      keepalive_requests 1000000000;
      keepalive_timeout 600s;
      client_body_temp_path ${folder}/body;
      proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi;
      scgi_temp_path ${folder}/scgi;
      ${http}
    }`
  const file = `${folder}/nginx.conf`
  writeFileSync(file, text)
  return children.start(['nginx', '-p', folder, '-e', 'stderr', '-c', file], { cores })
}

/** True when nginx can load a module. */
export function hasModule(name: string): boolean {
  return existsSync(moduleFile(name))
}

function moduleFile(name: string): string {
  // nginx tells on standard error how it was built
  const built = execFileSync('sh', ['-c', 'nginx -V 2>&1'], { encoding: 'utf8' })
  const [, folder = '/usr/lib/nginx/modules'] = /--modules-path=(\S+)/.exec(built) ?? []
  return `${folder}/${name}.so`
}
