// Preloaded into a process with a channel to its parent: answers each message with the memory that is really in use.
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

process.on('message', async () => {
  // what one collection finalizes, the next one collects
  for (let times = 0; times < 3; times += 1) {
    collect()
    await wait(50)
  }
  const { heapUsed, external } = process.memoryUsage()
  process.send(heapUsed + external)
})
process.channel.unref()
