import { Command, Option } from 'commander'
import { type Address, formatAddress } from '../address.ts'
import { ADDRESSES } from '../defaults.ts'
import { addressOrOffFlag } from './address-flag.ts'
import { onThisMachine } from './listen.ts'
import { Stop } from './stop.ts'

interface HealthFlags {
  readonly url?: string
  readonly management: Address | 'off'
}

/** `countersign health`: asks a running instance, for images without a shell. */
export function healthCommand(): Command {
  return new Command('health')
    .description('Ask a running instance whether it is ready.')
    .addOption(
      new Option('--url <url>', 'what to ask (default: /readyz there)').env(
        'COUNTERSIGN_HEALTH_URL',
      ),
    )
    .addOption(
      new Option('--management <host:port|off>', 'its management listener')
        .argParser(addressOrOffFlag)
        .env('COUNTERSIGN_MANAGEMENT')
        .default(ADDRESSES.management, formatAddress(ADDRESSES.management)),
    )
    .action(health)
}

async function health({ url, management }: HealthFlags): Promise<void> {
  const asked = url ?? readyUrl(management)
  const status = await fetch(asked, { signal: AbortSignal.timeout(2000), redirect: 'error' }).then(
    (response) => response.status,
    () => undefined,
  )
  if (status === 200) console.log('ready')
  else throw new Stop(1, status === undefined ? `no answer from ${asked}` : `not ready: ${status}`)
}

function readyUrl(management: Address | 'off'): string {
  if (management === 'off') throw new Stop(1, 'nothing to ask: the management listener is off')
  return new URL('/readyz', onThisMachine(new URL(`http://${formatAddress(management)}`))).href
}
