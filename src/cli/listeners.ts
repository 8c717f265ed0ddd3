import type { Address } from '../address.ts'
import type { Listeners } from '../config/index.ts'
import { ADDRESSES } from '../defaults.ts'

/** Where everything listens. */
export interface ListenerAddresses {
  readonly listen: Address
  readonly management: Address | 'off'
  readonly admin: Address | 'off'
}

/** Addresses given by flag or environment. */
export type ListenerFlags = {
  readonly [name in keyof ListenerAddresses]?: ListenerAddresses[name] | undefined
}

/** The address of each listener: the flag's, else the gateway file's, else the default. */
export function chooseAddresses(flags: ListenerFlags, file: Listeners): ListenerAddresses {
  return {
    listen: flags.listen ?? file.listen ?? ADDRESSES.listen,
    management: flags.management ?? file.management ?? ADDRESSES.management,
    admin: flags.admin ?? file.admin ?? ADDRESSES.admin,
  }
}
