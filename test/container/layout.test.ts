import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
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
  privateKey: { file: ../keys/key.pem }
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

/** What the process may have open. */
const DESCRIPTORS = 64

/** Uses the one addon, and tries what the process may not do; prints what came of each. */
const PROBE = `
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { writeHeapSnapshot } from 'node:v8'
import { Worker } from 'node:worker_threads'
const tries = {
  write: () => writeFileSync('/tmp/countersign-probe', ''),
  append: () => appendFileSync(new URL(import.meta.url), ''),
  make: () => mkdirSync('/tmp/countersign-probe'),
  remove: () => rmSync(new URL(import.meta.url)),
  environment: () => readFileSync('/proc/self/environ'),
  memory: () => readFileSync('/proc/self/maps'),
  users: () => readFileSync('/etc/passwd'),
  spawn: () => execFileSync(process.execPath, ['-v']),
  thread: () => new Worker('0', { eval: true }),
  snapshot: () => writeHeapSnapshot('/tmp/countersign-probe'),
  inspect: () => new Session().connect(),
}
const { default: bcrypt } = await import('bcrypt')
const addon = await bcrypt.compare('a', await bcrypt.hash('a', 4))
const outcome = (run) => {
  try {
    run()
    return 'done'
  } catch ({ code }) {
    return code
  }
}
const refused = Object.fromEntries(Object.entries(tries).map(([name, run]) => [name, outcome(run)]))
console.log(JSON.stringify({ addon, refused }))
`

describe('the layout that the Dockerfile builds', () => {
  it('serves as a user that may write nowhere, answers its health check, and writes nothing', {
    timeout: 120_000,
  }, async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'needs root, to start a process as another user')
    const root = await buildLayout()
    const upstream = await recordingUpstream()
    onTestFinished(upstream.close)
    const before = listing(root)

    const { command, args } = commandOf([...image.entrypoint, ...image.cmd])
    const env = { COUNTERSIGN_UPSTREAM: upstream.url, ...freePorts(image.env) }
    const proxy = startCountersign(args, {
      command: ['sh', '-c', `ulimit -n ${DESCRIPTORS}; exec "$@"`, 'sh', ...command],
      cwd: inside(image.workdir),
      env,
      ...user(image.user),
    })
    const [, port = ''] = await proxy.waitFor(/^proxy +http:\/\/0\.0\.0\.0:(\d+)/m, 30_000)
    const [, management = ''] = await proxy.waitFor(/^management +http:\/\/0\.0\.0\.0:(\d+)/m)

    const jwks = new URL(`http://127.0.0.1:${management}/.well-known/jwks.json`)
    const subject = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-user': 'ann' } })
      expect(response.status, proxy.stdout()).toBe(200)
      const request = upstream.requests().at(-1)
      const [, token = ''] = /^authorization: bearer (\S+)/im.exec(String(request?.bytes)) ?? []
      const { payload } = await jwtVerify(token, createRemoteJWKSet(jwks))
      return payload.sub
    }
    expect(await subject()).toBe('ann')
    expect(statSync(`/proc/${proxy.pid}`).uid).toBe(65_532)
    expect(proxy.stderr()).toContain('warning[listen/open]')
    expect(proxy.stderr()).not.toMatch(/key\/file-mode|Warning:/)

    // a proxy that does not know how many descriptors it has would take all of them on
    const sockets = Array.from({ length: DESCRIPTORS / 2 }, () => connect(Number(port)))
    const closed = sockets.map((socket) => once(socket.on('error', () => {}).resume(), 'close'))
    await Promise.race(closed)
    const metrics = await fetch(`http://127.0.0.1:${management}/metrics`)
    expect(await metrics.text()).toMatch(/^\w+_connections_refused_total{reason="limit"} [1-9]/m)
    for (const socket of sockets) socket.destroy()

    // any user will do, so this one is another
    const health = commandOf(image.healthcheck)
    const healthy = () =>
      runCountersign(health.args, {
        command: health.command,
        cwd: inside(image.workdir),
        env: { COUNTERSIGN_MANAGEMENT: `0.0.0.0:${management}` },
        uid: 12_345,
        gid: 12_345,
      })
    expect(await healthy()).toMatchObject({ code: 0, stdout: 'ready\n', stderr: '' })
    expect(listing(root)).toEqual(before)

    const policy = join(root, 'etc/countersign/policies/hello.yaml')
    writeFileSync(policy, POLICY.replace(/sub:.*/, 'sub: reloaded'))
    await proxy.waitFor(/"generation":2.*"msg":"configuration loaded"/)
    expect(await subject()).toBe('reloaded')

    proxy.signal('SIGTERM')
    expect(await proxy.exited).toMatchObject({ code: 0 })
    expect(await healthy()).toMatchObject({ code: 1 })

    writeFileSync(join(root, 'app/probe.mjs'), PROBE)
    const probe = await runCountersign([join(root, 'app/probe.mjs')], {
      command: command.slice(0, -1) as [string],
      cwd: inside(image.workdir),
      ...user(image.user),
    })
    const { addon, refused } = JSON.parse(probe.stdout)
    expect(addon).toBe(true)
    const outcomes = Object.entries(refused)
    expect(outcomes).toEqual(outcomes.map(([name]) => [name, 'ERR_ACCESS_DENIED']))

    expect(readdirSync(join(root, 'app')).toSorted()).toEqual([
      'bin',
      'dist',
      'node_modules',
      'package.json',
      'policies',
      'probe.mjs',
    ])
    expect(readdirSync(join(root, 'app/node_modules'))).not.toContain('typescript')

    /** A path of the layout where it really stands; what the image does not have is a path of this machine. */
    function inside(word: string): string {
      const [, flag = '', path = ''] = /^(--allow-fs-read=)?(\/.*)$/.exec(word) ?? []
      return path !== '' && existsSync(join(root, path)) ? flag + join(root, path) : word
    }

    /** An instruction's command in the folder that stands for `/`: up to the script, and what follows. */
    function commandOf(words: readonly string[]) {
      const mapped = words.map(inside)
      const end = mapped.findIndex((word) => word.endsWith('.js')) + 1
      return { command: mapped.slice(0, end) as [string, ...string[]], args: mapped.slice(end) }
    }
  })
})

/** Does what the stages do, in a folder that stands for `/`, with the policies and Node that the image has there. */
async function buildLayout(): Promise<string> {
  const { path: root, write } = await tempFolder()
  await write('etc/countersign/policies/hello.yaml', POLICY, 0o644)
  // as a volume with an fsGroup has it
  chownSync(await write('etc/countersign/keys/key.pem', ecKeys().pkcs8, 0o640), 0, 65_532)
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
  chmodSync(root, 0o755)
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
