// Preloaded into a process: when that ends, tells on standard error which packages it has loaded, a line each.
import { registerHooks } from 'node:module'

const loaded = new Set()
registerHooks({
  load(url, context, nextLoad) {
    const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? []
    if (name !== undefined) loaded.add(name)
    return nextLoad(url, context)
  },
})
process.on('exit', () => {
  for (const name of loaded) console.error(`loaded ${name}`)
})
