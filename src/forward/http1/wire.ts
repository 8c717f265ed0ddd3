import type { Socket } from 'node:net'
import type { Address } from '../../address.ts'
import type { Connector } from '../connector.ts'
import { wireError } from '../wire-error.ts'
import { surviveWriteFaults } from './write-faults.ts'

/** The socket of a connection: one at a time. */
export interface Wire {
  /** None before it is opened and after it is closed. */
  socket(): Socket | undefined
  /** False when the last attempt to open it failed, or none has ended. */
  wasOpen(): boolean
  /** True when the other side reads no more, though there may be something to read. */
  isCutOff(): boolean
  /** Opens a socket; calls back once when `isWanted` by then, else destroys it. May throw what `connect` throws. */
  open(isWanted: () => boolean, callback: (error: Error | null) => void): void
  /** Reads on when a write fails because the other side reads no more, and calls `onCutOff`. */
  surviveWriteFaults(onCutOff: () => void): void
  /** Gives the socket up to another protocol; `rest` is what has come in that. */
  handOver(rest: Buffer): Socket
  /** Destroys the socket. */
  drop(): void
}

/** Who hears of a wire, of its current socket alone. */
export interface WireEvents {
  onOpen(): void
  /** It has no socket any more. */
  onClose(): void
  /** Bytes that are others after the call. */
  onData(bytes: Buffer): void
  /** The other side says no more. */
  onEnd(): void
  onError(error: Error): void
}

/** Creates a wire that is not open. */
export function createWire(address: Address, connect: Connector, events: WireEvents): Wire {
  let socket: Socket | undefined
  /** What has changed to another protocol. */
  let changed: Socket | undefined
  let wasOpen = false
  let isCutOff = false
  const { onEnd, onError } = events
  const onClose = () => onError(wireError('UPSTREAM_CLOSED', 'expected the rest of an answer'))

  function read(from: Socket, bytes: Buffer): boolean {
    if (from === changed) return from.push(Buffer.from(bytes))
    if (from === socket) events.onData(bytes)
    else from.destroy()
    return true
  }
  function attach(opened: Socket): void {
    socket = opened
    wasOpen = true
    opened.on('end', onEnd).on('error', onError).on('close', onClose)
    events.onOpen()
  }
  function detach(): Socket | undefined {
    const detached = socket
    if (!detached) return undefined
    socket = undefined
    isCutOff = false
    detached.off('end', onEnd).off('error', onError).off('close', onClose)
    events.onClose()
    return detached.pause()
  }
  return {
    socket: () => socket,
    wasOpen: () => wasOpen,
    isCutOff: () => isCutOff,
    open(isWanted, callback) {
      wasOpen = false
      const onOpen = (error: Error | null, opened: Socket | null) => {
        if (!isWanted()) {
          opened?.destroy()
          return
        }
        if (opened) attach(opened)
        callback(error)
      }
      connect(address, onOpen, read)
    },
    surviveWriteFaults(onCutOff) {
      if (!socket) return
      surviveWriteFaults(socket, (from) => {
        // what another protocol writes, or what is closed, fails as ever
        if (from !== socket) return false
        isCutOff = true
        onCutOff()
        return true
      })
    },
    handOver(rest) {
      changed = detach() as Socket
      if (rest.length > 0) changed.push(Buffer.from(rest))
      return changed
    },
    drop: () => void detach()?.destroy(),
  }
}
