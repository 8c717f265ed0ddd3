#!/usr/bin/env node
import { url } from 'node:inspector'
import { nodeFault } from './node-floor.js'
import { guardProcess, inspectorFault } from './process-guard.js'
import { sizeThreadPool } from './thread-pool.js'

guardProcess()
sizeThreadPool()
const fault = nodeFault(process.versions.node) ?? inspectorFault(url())
if (fault === undefined) {
  start()
} else {
  console.error(fault)
  process.exitCode = 1
}

async function start() {
  const { setFlagsFromString } = await import('node:v8')
  // loading code would make V8 enlarge its young generation for good, and dead chunks of streamed bodies
  // would then fill tens of megabytes before they are collected; src/cli/settle-heap.ts takes it back
  setFlagsFromString('--semi-space-growth-factor=1')
  const { loadMain } = await import('./load-main.js')
  const { main } = await loadMain()
  await main(process.argv)
}
