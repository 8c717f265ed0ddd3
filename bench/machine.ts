import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import type { Cores } from './cores.ts'

/** What the figures were taken with, in one line. */
export function describeRun({ count }: Cores, rounds: number, seconds: number): string {
  const [cpu] = cpus()
  const versions = [
    `Node ${process.versions.node}`,
    version('nginx', '-v', /nginx\/(\S+)/),
    version('caddy', 'version', /v?(\d\S*)/),
    version('haproxy', '-v', /version (\d[\d.]*)/),
    version('openssl', 'version', /OpenSSL (\S+)/),
  ]
  const pinned = count > 1 ? 'the contender on one, load and upstream on the others' : 'for all'
  return [
    `${new Date().toISOString().slice(0, 10)}: ${count} cores (${cpu?.model.trim()}), ${pinned};`,
    `${rounds} rounds of ${seconds} s, 64 connections; ${versions.filter(Boolean).join(', ')}.`,
  ].join(' ')
}

function version(program: string, flag: string, pattern: RegExp): string | undefined {
  const { stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8' })
  const [, found] = pattern.exec(`${stdout}${stderr}`) ?? []
  return found && `${program} ${found}`
}
