import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ecKeys } from '../support/keys.ts'
import { runCountersign, startCountersign } from '../support/process.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { type Copy, readDockerfile, type Stage } from './dockerfile.ts'

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url))
const stages = readDockerfile(new URL('../../Dockerfile', import.meta.url))
const image = stages.at(-1) as Stage
const ignored = readFileSync(join(REPOSITORY, '.dockerignore'), 'utf8').split('\n')

const POLICY = `name: hello
jwt:
  signingMethod: ES256
  privateKey: { env: KEY }
  exp: 300
  sub: "#[attributes.headers.\`x-user\`]"
`

describe('the Dockerfile', () => {
  it('copies only what .dockerignore lets in', () => {
    expect(ignored).toContain('*')
    for (const { copies } of stages) {
      for (const { from, sources } of copies) {
        if (from === undefined)
          for (const source of sources) expect(ignored).toContain(`!${source}`)
      }
    }
  })

  it('ends in an image of Node 26 that is not root and names its ports and itself', () => {
    expect(image.base).toMatch(/nodejs26/)
    expect(image.user).toBe('65532:65532')
    expect(image.exposed).toEqual(['8080', '9090'])
    expect(image.env).toEqual({
      COUNTERSIGN_LISTEN: '0.0.0.0:8080',
      COUNTERSIGN_MANAGEMENT: '0.0.0.0:9090',
    })
    expect(image.labels).toContain('org.opencontainers.image.title')
    expect(image.runs).toEqual([])
  })
})

describe('the layout that the Dockerfile builds', () => {
  it('serves as a user that may write nowhere, answers its health check, and writes nothing', {
    timeout: 60_000,
  }, async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'needs root, to start a process as another user')
    const root = await buildLayout()
    const upstream = await recordingUpstream()
    onTestFinished(upstream.close)
    const before = listing(root)

    const [node = '', script = '', ...args] = [...image.entrypoint, ...image.cmd].map(inside)
    const env = { COUNTERSIGN_UPSTREAM: upstream.url, KEY: ecKeys().pkcs8, ...freePorts(image.env) }
    const proxy = startCountersign(args, {
      // a file system that is read only: Node refuses every write, wherever the user might have been let
      command: [node, '--permission', '--allow-fs-read=*', '--allow-net', script],
      cwd: inside(image.workdir),
      env,
      ...user(image.user),
    })
    const [, port = ''] = await proxy.waitFor(/^proxy +http:\/\/0\.0\.0\.0:(\d+)/m)
    const [, management = ''] = await proxy.waitFor(/^management +http:\/\/0\.0\.0\.0:(\d+)/m)

    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-user': 'ann' } })
    expect(response.status, proxy.stdout()).toBe(200)
    expect(statSync(`/proc/${proxy.pid}`).uid).toBe(65_532)
    const [request] = upstream.requests()
    const [, token = ''] = /^authorization: bearer (\S+)/im.exec(String(request?.bytes)) ?? []
    const jwks = new URL(`http://127.0.0.1:${management}/.well-known/jwks.json`)
    const { payload } = await jwtVerify(token, createRemoteJWKSet(jwks))
    expect(payload.sub).toBe('ann')

    // any user will do, so this one is another
    const healthy = () =>
      runCountersign(image.healthcheck.slice(1).map(inside), {
        command: [inside(image.healthcheck[0] ?? '')],
        cwd: inside(image.workdir),
        env: { COUNTERSIGN_MANAGEMENT: `0.0.0.0:${management}` },
        uid: 12_345,
        gid: 12_345,
      })
    expect(await healthy()).toMatchObject({ code: 0, stdout: 'ready\n' })
    proxy.signal('SIGTERM')
    expect(await proxy.exited).toMatchObject({ code: 0 })
    expect(await healthy()).toMatchObject({ code: 1 })

    expect(listing(root)).toEqual(before)
    expect(readdirSync(join(root, 'app')).toSorted()).toEqual([
      'bin',
      'dist',
      'node_modules',
      'package.json',
      'policies',
    ])
    expect(readdirSync(join(root, 'app/node_modules'))).not.toContain('typescript')

    function inside(path: string): string {
      return path.startsWith('/') ? join(root, path) : path
    }
  })
})

/** Does what the stages do, in a folder that stands for `/`, with the policies and Node that the image has there. */
async function buildLayout(): Promise<string> {
  const { path: root } = await tempFolder({ 'policies/hello.yaml': POLICY })
  const { path: scratch } = await tempFolder()
  for (const stage of stages) {
    const at = stage === image ? root : join(scratch, stage.name)
    const work = join(at, stage.workdir)
    mkdirSync(work, { recursive: true })
    for (const each of stage.copies) copyInto(at, work, each, scratch)
    for (const run of stage.runs) runStep(run, work)
  }
  mkdirSync(join(root, 'nodejs/bin'), { recursive: true })
  linkOrCopy(process.execPath, join(root, 'nodejs/bin/node'))
  for (const folder of [root, join(root, 'policies')]) chmodSync(folder, 0o755)
  return root
}

/** Another user may not get to where this Node is, but to a second name of it. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    // on another file system
    cpSync(from, to)
  }
}

function copyInto(
  root: string,
  work: string,
  { from, sources, target }: Copy,
  scratch: string,
): void {
  const origin = from === undefined ? REPOSITORY : join(scratch, from)
  for (const source of sources) {
    const folder = target.startsWith('/') ? join(root, target) : resolve(work, target)
    cpSync(join(origin, source), target.endsWith('/') ? join(folder, basename(source)) : folder, {
      recursive: true,
      verbatimSymlinks: true,
    })
  }
}

/** The steps themselves, except that packages come from this checkout instead of the registry. */
function runStep(run: string, work: string): void {
  const installed = join(REPOSITORY, 'node_modules')
  if (!run.startsWith('npm ci')) {
    const [, ...args] = run.split(' ')
    execFileSync(process.execPath, args, { cwd: work, stdio: 'pipe' })
  } else if (run.includes('--omit=dev')) {
    for (const path of productionPackages(work)) {
      cpSync(join(REPOSITORY, path), join(work, path), { recursive: true })
    }
  } else {
    symlinkSync(installed, join(work, 'node_modules'))
  }
}

function productionPackages(work: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(work, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean }>
  }
  return Object.entries(packages).flatMap(([path, { dev, devOptional, optional }]) =>
    path === '' || dev || devOptional || optional ? [] : [path],
  )
}

function freePorts(env: Stage['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replace(/:\d+$/, ':0')]),
  )
}

function user(text: string): { uid: number; gid: number } {
  const [uid = 0, gid = 0] = text.split(':').map(Number)
  return { uid, gid }
}

function listing(root: string): string[] {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
  return names.map((name) => {
    const { mtimeMs, size } = statSync(join(root, name))
    return `${name} ${mtimeMs} ${size}`
  })
}
