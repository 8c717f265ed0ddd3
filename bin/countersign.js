#!/usr/bin/env node
import { url } from 'node:inspector'
import { nodeFault } from './node-floor.js'
import { guardProcess, inspectorFault } from './process-guard.js'

guardProcess()
const fault = nodeFault(process.versions.node) ?? inspectorFault(url())
if (fault === undefined) {
  start()
} else {
  console.error(fault)
  process.exitCode = 1
}

async function start() {
  const { existsSync } = await import('node:fs')
  const { setFlagsFromString } = await import('node:v8')
  // loading code would make V8 enlarge its young generation for good, and dead chunks of streamed bodies
  // would then fill tens of megabytes before they are collected; src/cli/young-generation.ts takes it back
  setFlagsFromString('--semi-space-growth-factor=1')
  // a clone runs its sources as they are; a package has only what was built from them
  const source = new URL('../src/cli/main.ts', import.meta.url)
  const built = new URL('../dist/cli/main.js', import.meta.url)
  const { main } = await import((existsSync(source) ? source : built).href)
  await main(process.argv)
}
