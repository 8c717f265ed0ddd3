import { InvalidArgumentError } from 'commander'
import { type Address, parseAddress } from '../address.ts'

/** The value of a flag that takes `HOST:PORT`. Throws commander's `InvalidArgumentError`. */
export function addressFlag(text: string): Address {
  const address = parseAddress(text)
  if (!address) throw new InvalidArgumentError('expected HOST:PORT')
  return address
}

/** The value of a flag that takes `HOST:PORT` or `off`. Throws commander's `InvalidArgumentError`. */
export function addressOrOffFlag(text: string): Address | 'off' {
  const address = text === 'off' ? text : parseAddress(text)
  if (!address) throw new InvalidArgumentError('expected HOST:PORT or off')
  return address
}
