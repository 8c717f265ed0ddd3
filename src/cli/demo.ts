import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { relative } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Command, Option } from 'commander'
import { type Address, formatAddress } from '../address.ts'
import { ADDRESSES } from '../defaults.ts'
import { createEchoUpstream } from '../echo/index.ts'
import { type Environment, systemEnvironment } from '../environment.ts'
import { generateKey } from '../keys/index.ts'
import { createLog } from '../log.ts'
import type { ObservedEvent, Observer } from '../observe.ts'
import { addressFlag } from './address-flag.ts'
import { listen, onThisMachine } from './listen.ts'
import { runProxy } from './run-proxy.ts'
import { untilStopped } from './signals.ts'
import { startRefused } from './stop.ts'

/** The variable under which the sample policies look for their key. */
const KEY_VARIABLE = 'COUNTERSIGN_DEMO_KEY'

const POLICIES = new URL('../../policies', import.meta.url)

interface DemoFlags {
  readonly listen: Address
  readonly management: Address
}

/** `countersign demo`: the sample policies, a key made at start, and an upstream that verifies. */
export function demoCommand(): Command {
  const { listen, management } = ADDRESSES
  return new Command('demo')
    .description('Run the sample policies with an echo upstream.')
    .addOption(
      new Option('--listen <host:port>', 'proxy')
        .argParser(addressFlag)
        .env('COUNTERSIGN_LISTEN')
        .default(listen, formatAddress(listen)),
    )
    .addOption(
      new Option('--management <host:port>', 'health, JWKS; never off here')
        .argParser(managementFlag)
        .env('COUNTERSIGN_MANAGEMENT')
        .default(management, formatAddress(management)),
    )
    .action(demo)
}

/** What verifies the tokens is fetched there, so `off`, meant for `serve`, is the default here. */
function managementFlag(text: string): Address {
  return text === 'off' ? ADDRESSES.management : addressFlag(text)
}

async function demo(flags: DemoFlags): Promise<void> {
  const system = systemEnvironment()
  if (system.variable('NODE_ENV') === 'production') {
    throw startRefused('the demo does not run with NODE_ENV=production: use countersign serve')
  }
  const policies = relative('.', fileURLToPath(POLICIES)) || '.'
  const log = heldLog(createLog(system))
  let jwksUrl: URL
  const echo = createEchoUpstream(() => jwksUrl, system.now)
  const upstream = await listen(echo, { host: '127.0.0.1', port: 0 })
  try {
    const proxy = await runProxy({
      ...flags,
      policies,
      upstream: upstream.href,
      watch: true,
      environment: withDemoKey(system),
      observe: log.observe,
    })
    const stopped = untilStopped(proxy, { drains: false })
    jwksUrl = new URL('/.well-known/jwks.json', onThisMachine(proxy.managementUrl as URL))
    const hello = new URL('/hello', onThisMachine(proxy.url))
    console.log(BANNER)
    console.log(`$ ${curl(hello, 'ann')}\n${await sample(hello, 'ann')}`)
    console.log(hints(hello, jwksUrl, policies))
    log.release()
    await stopped
  } finally {
    echo.close()
    echo.closeAllConnections()
    await once(echo, 'close')
  }
}

function withDemoKey(system: Environment): Environment {
  const key = generateKey('ES256')
  return {
    ...system,
    variable: (name) => (name === KEY_VARIABLE ? key.reveal() : system.variable(name)),
  }
}

/** A log that keeps its lines back until the sample stands on the screen. */
function heldLog(log: Observer): { readonly observe: Observer; release(): void } {
  let held: ObservedEvent[] | undefined = []
  return {
    observe: (event) => (held ? void held.push(event) : log(event)),
    release() {
      held?.forEach(log)
      held = undefined
    },
  }
}

const BANNER = `
DEMO, not for production. The signing key was made just now and is never written to disk.
A request to the proxy, and what the upstream behind it saw:
`

async function sample(url: URL, user: string): Promise<string> {
  const [response] = (await once(get(url, { headers: { 'x-user': user } }), 'response')) as [
    IncomingMessage,
  ]
  return await text(response)
}

function hints(url: URL, jwksUrl: URL, policies: string): string {
  const [again, other, nobody] = [curl(url, 'ann'), curl(url, 'bob'), curl(url)]
  return `Try it in another terminal:
  ${again}   the same token once more: seenBefore is true
  ${other}   another subject
  ${nobody.padEnd(again.length)}   no x-user: refused, and the log names the policy and its line

Policies  ${policies}/ (change one: it is loaded at once)
Keys      ${jwksUrl.href}
Ctrl-C stops. The log follows, a line an event.
`
}

function curl(url: URL, user?: string): string {
  return user === undefined ? `curl -s ${url.href}` : `curl -s ${url.href} -H 'x-user: ${user}'`
}
