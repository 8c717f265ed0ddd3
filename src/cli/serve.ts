import cluster from 'node:cluster'
import { Command, InvalidArgumentError, Option } from 'commander'
import { formatAddress } from '../address.ts'
import { gatewayPlace } from '../config/index.ts'
import { ADDRESSES, GATEWAY_FILE } from '../defaults.ts'
import { type Environment, systemEnvironment } from '../environment.ts'
import { createLog } from '../log.ts'
import { type RunningWorkers, WORKER_NUMBER } from '../workers/index.ts'
import { addressFlag, addressOrOffFlag } from './address-flag.ts'
import type { ListenerFlags } from './listeners.ts'
import { type RunningProxy, runProxy } from './run-proxy.ts'
import { beWorker, runWorkers, type WorkersOptions } from './run-workers.ts'
import { untilStopped } from './signals.ts'
import { Stop } from './stop.ts'
import { workersFlag } from './workers-flag.ts'

/** What `serve` was told by flag or environment. */
export interface ServeFlags extends ListenerFlags {
  readonly config?: string
  readonly policies?: string
  readonly upstream?: string
  readonly workers: number
  readonly watch: boolean
  readonly logLevel: string
}

/** `countersign serve`: the standalone proxy and its management listener. `run` is what it does. */
export function serveCommand(run: (flags: ServeFlags) => Promise<void> = serve): Command {
  return new Command('serve')
    .description('Run the proxy and the management listener.')
    .addOption(
      new Option('-c, --config <file>', `gateway file (default: ${GATEWAY_FILE} if any)`).env(
        'COUNTERSIGN_CONFIG',
      ),
    )
    .addOption(
      new Option('--policies <path>', 'policy file or folder (default: policies)').env(
        'COUNTERSIGN_POLICIES',
      ),
    )
    .addOption(new Option('--upstream <url>', 'where all goes').env('COUNTERSIGN_UPSTREAM'))
    .addOption(
      new Option('--listen <host:port>', `proxy (default: ${formatAddress(ADDRESSES.listen)})`)
        .env('COUNTERSIGN_LISTEN')
        .argParser(addressFlag),
    )
    .addOption(
      new Option(
        '--management <host:port|off>',
        `health, metrics, JWKS (default: ${formatAddress(ADDRESSES.management)})`,
      )
        .env('COUNTERSIGN_MANAGEMENT')
        .argParser(addressOrOffFlag),
    )
    .addOption(
      new Option('--admin <host:port|off>', `status, reload (default: ${ADDRESSES.admin})`)
        .env('COUNTERSIGN_ADMIN')
        .argParser(addressOrOffFlag),
    )
    .addOption(
      new Option('--workers <n|auto>', 'processes that serve; auto: one for each core')
        .env('COUNTERSIGN_WORKERS')
        .argParser(workersFlag)
        .default(1),
    )
    .addOption(
      new Option('--watch [on|off]')
        .env('COUNTERSIGN_WATCH')
        .argParser(switchFlag)
        .preset('on')
        .default(true)
        .hideHelp(),
    )
    .addOption(
      new Option('--no-watch', 'no reload when a file changes (env: COUNTERSIGN_WATCH=off)'),
    )
    .addOption(
      new Option('--log-level <level>', 'least severe log line')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .env('COUNTERSIGN_LOG_LEVEL'),
    )
    .action(run)
}

async function serve(flags: ServeFlags): Promise<void> {
  const config = flags.config ?? (await gatewayPlace('.')).file
  if (config === undefined && flags.upstream === undefined) {
    throw new Stop(
      2,
      `nothing says where to forward: give --upstream URL, or write ${GATEWAY_FILE} (-c FILE)`,
    )
  }
  const environment = systemEnvironment()
  const worker = workerNumber(flags.workers, environment)
  const log = createLog({ level: flags.logLevel, monotonic: environment.monotonic, worker })
  const options = { ...flags, config, environment, log }
  if (worker) return beWorker(options)
  const proxy = await (worker === undefined ? runAlone(options) : runWorkers(options))
  // signals first: whoever reads an address may send one
  const stopped = untilStopped(proxy)
  console.error(`proxy       ${proxy.url.href}`)
  if (proxy.managementUrl) console.error(`management  ${proxy.managementUrl.href}`)
  if (proxy.adminUrl) console.error(`admin       ${proxy.adminUrl.href}`)
  if ('lost' in proxy) void proxy.lost.then(endWithout)
  await stopped
  // lines that nobody reads would hold the process
  process.exit()
}

function endWithout(lost: string): never {
  console.error(`${lost}, and no worker is left`)
  process.exit(1)
}

function runAlone({ log, ...options }: WorkersOptions): Promise<RunningProxy | RunningWorkers> {
  return runProxy({ ...options, observe: log, droppedLines: log.dropped })
}

/** The number of the worker that this process is, 0 when it supervises some; undefined when it serves alone. */
function workerNumber(workers: number, { variable }: Environment): number | undefined {
  if (workers === 1) return undefined
  return cluster.isWorker ? Number(variable(WORKER_NUMBER) ?? 0) : 0
}

function switchFlag(text: string): boolean {
  if (text === 'on' || text === 'true') return true
  if (text === 'off' || text === 'false') return false
  throw new InvalidArgumentError('expected on or off')
}
