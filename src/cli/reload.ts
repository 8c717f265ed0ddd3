import { Command, Option } from 'commander'
import { Stop } from './stop.ts'

interface ReloadFlags {
  readonly server: string
}

/** `countersign reload`: asks a running instance to read its files again. */
export function reloadCommand(): Command {
  return new Command('reload')
    .description('Ask a running instance to read its files again.')
    .addOption(
      new Option('--server <url>', 'its admin listener')
        .env('COUNTERSIGN_SERVER')
        .default('http://127.0.0.1:9091'),
    )
    .action(reload)
}

async function reload({ server }: ReloadFlags): Promise<void> {
  const asked = URL.parse('/-/reload', server)
  if (!asked) throw new Stop(2, `expected a URL: ${server}`)
  const signal = AbortSignal.timeout(PATIENCE)
  const response = await fetch(asked, { method: 'POST', redirect: 'error', signal }).catch(() => {
    throw new Stop(2, `no answer from ${asked.href}; is admin: on there?`)
  })
  if (response.status === 204) console.log('reloaded')
  else if (response.status === 409) throw new Stop(1, (await response.text()).trimEnd())
  else throw new Stop(2, `expected 204 or 409 from ${asked.href}, got ${response.status}`)
}

/** Milliseconds: a reading may have to wait for a remote key. */
const PATIENCE = 60_000
