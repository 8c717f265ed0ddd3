import type { Address } from './address.ts'

/** Name of the gateway file that is taken when none is named. */
export const GATEWAY_FILE = 'countersign.yaml'

/** Where everything listens that nothing was said about. */
export const ADDRESSES = {
  listen: { host: '127.0.0.1', port: 8080 },
  management: { host: '127.0.0.1', port: 9090 },
  admin: 'off',
} as const satisfies Readonly<Record<string, Address | 'off'>>
