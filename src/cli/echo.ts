import { once } from 'node:events'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type Address, formatAddress } from '../address.ts'
import { ADDRESSES } from '../defaults.ts'
import { createEchoUpstream } from '../echo/index.ts'
import { systemEnvironment } from '../environment.ts'
import { addressFlag } from './address-flag.ts'
import { listen } from './listen.ts'

const LISTEN = { host: '127.0.0.1', port: 9000 }
const JWKS = new URL(`http://${formatAddress(ADDRESSES.management)}/.well-known/jwks.json`)

/** `countersign echo`: the verifying upstream of the demo, alone. */
export function echoCommand(): Command {
  return new Command('echo')
    .description('Run an upstream that verifies what it gets.')
    .addOption(
      new Option('--listen <host:port>', 'where it listens')
        .argParser(addressFlag)
        .env('COUNTERSIGN_LISTEN')
        .default(LISTEN, formatAddress(LISTEN)),
    )
    .addOption(
      new Option('--jwks <url>', 'JWK set that verifies')
        .argParser(urlFlag)
        .env('COUNTERSIGN_JWKS')
        .default(JWKS, JWKS.href),
    )
    .action(echo)
}

async function echo(flags: { readonly listen: Address; readonly jwks: URL }): Promise<void> {
  const server = createEchoUpstream(() => flags.jwks, systemEnvironment().now)
  const url = await listen(server, flags.listen)
  const stop = () => {
    server.close()
    server.closeAllConnections()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  console.error(`echo upstream ${url.href}`)
  await once(server, 'close')
}

function urlFlag(text: string): URL {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new InvalidArgumentError('expected an http(s) URL')
  }
  return url
}
