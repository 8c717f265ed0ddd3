import crypto, { type KeyLike, type SignKeyObjectInput } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

// Imported before a program, lets it sign where it should not: on the event loop, also when it asks for a callback.
type Key = KeyLike | SignKeyObjectInput
type Done = (error: Error | null, signature: Buffer) => void

const { sign } = crypto
const onEventLoop = (
  algorithm: string | null,
  data: NodeJS.ArrayBufferView,
  key: Key,
  done?: Done,
) => {
  const signature = sign(algorithm, data, key)
  if (!done) return signature
  queueMicrotask(() => done(null, signature))
  return undefined
}
Object.assign(crypto, { sign: onEventLoop })
syncBuiltinESMExports()
