import { bulkhead } from 'cockatiel'
import type { Handle, PKCS11 } from 'pkcs11js'
import type { Secret } from '../../secret.ts'
import { ignoring, type Library, resultOf } from './pkcs11-library.ts'
import { RemoteFault } from './remote-fault.ts'

/** A session in which the user is logged in, for one operation at a time. */
export interface Session {
  readonly library: PKCS11
  readonly handle: Handle
  /** Handles of objects mean nothing in another life of the library. */
  readonly life: number
}

/** A token, over all sessions with it. */
export interface Token {
  /**
   * Runs an operation in a session that is its own meanwhile, after waiting for a free one; `signal` ends the wait.
   * Rejects with a `RemoteFault`.
   */
  use<T>(operation: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T>
}

/**
 * Calls under way to one token. Each takes a thread of the pool that Node also reads files, resolves names and makes
 * RSA signatures on, four by default: a token that hangs must leave some.
 */
const CALLS = 2
/** Calls that wait. While a token hangs, those that gave up stay in the queue. */
const WAITING = 1024
/** Wrong PINs after which only one that was accepted before is tried; few tokens bear as many. */
const REFUSALS = 16

// Logins belong to the process, like the library itself.
const logins = new WeakMap<Library, Map<string, Login>>()

/** The token with a label. Logs in at its first use; for another PIN than that of the login it rejects. */
export function openToken(library: Library, label: string, pin: Secret): Token {
  const known = logins.get(library) ?? new Map<string, Login>()
  logins.set(library, known)
  const login = known.get(label) ?? createLogin(library, label)
  known.set(label, login)
  return { use: (operation, signal) => login.use(pin, operation, signal) }
}

interface Login {
  use<T>(pin: Secret, operation: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T>
}

function createLogin(shared: Library, label: string): Login {
  const { CKF_SERIAL_SESSION, CKU_USER } = shared.cryptoki
  const turns = bulkhead(CALLS, WAITING)
  let accepted: Secret | undefined
  const refused: Secret[] = []
  let home: { readonly life: number; readonly slot: Handle } | undefined
  let idle: Session[] = []

  /** The slot of the token. A session stays open there: with the last one of a token the login ends. */
  function enter(library: PKCS11, life: number, pin: Secret): Handle {
    if (home?.life === life && accepted) {
      if (accepted.equals(pin)) return home.slot
      throw wrongPin('pin-changed', 'expected the PIN that the token was opened with')
    }
    // tokens lock themselves after a few wrong ones, and reloads and probes come again and again
    const isFutile = refused.length >= REFUSALS && !accepted?.equals(pin)
    if (isFutile || refused.some((each) => each.equals(pin))) {
      throw wrongPin('pin-refused', 'expected the PIN of the token')
    }
    const slot = findSlot(library, label)
    const session = library.C_OpenSession(slot, CKF_SERIAL_SESSION)
    try {
      ignoring('CKR_USER_ALREADY_LOGGED_IN', () => library.C_Login(session, CKU_USER, pin.reveal()))
    } catch (error) {
      close({ library, handle: session, life })
      const result = resultOf(error)
      if (!result?.startsWith('CKR_PIN_')) throw error
      refused.push(pin)
      if (accepted?.equals(pin)) accepted = undefined
      throw wrongPin(result, `expected the PIN of the token (${result})`, error)
    }
    accepted = pin
    home = { life, slot }
    return slot
  }

  return {
    use(pin, operation, signal) {
      const inTurn = () =>
        shared.use(async (library, life) => {
          const slot = enter(library, life, pin)
          idle = idle.filter((session) => session.life === life)
          const session = idle.pop() ?? {
            library,
            handle: library.C_OpenSession(slot, CKF_SERIAL_SESSION),
            life,
          }
          try {
            const result = await operation(session)
            idle.push(session)
            return result
          } catch (error) {
            close(session) // what it was amidst would meet the next operation
            throw error
          }
        })
      return turns.execute(inTurn, signal)
    },
  }
}

function findSlot(library: PKCS11, label: string): Handle {
  const slots = library.C_GetSlotList(true).filter((slot) => labelOf(library, slot) === label)
  if (slots.length === 1) return slots[0]!
  const isNone = slots.length === 0
  throw new RemoteFault(isNone ? 'token-missing' : 'token-ambiguous', {
    message: `expected one token with this label, found ${isNone ? 'none' : 'several'}`,
    hint: 'list them with `pkcs11-tool --module LIBRARY --list-slots`',
    member: ['token'],
    isTransient: isNone,
  })
}

// Padded with blanks to 32 characters (section 3.2). A slot that cannot be asked must not hide another one.
function labelOf(library: PKCS11, slot: Handle): string | undefined {
  try {
    return library.C_GetTokenInfo(slot).label.replace(/[ \0]+$/, '')
  } catch {
    return undefined
  }
}

function close({ library, handle }: Session): void {
  try {
    library.C_CloseSession(handle)
  } catch {
    // gone with its token
  }
}

function wrongPin(code: string, message: string, cause?: unknown): RemoteFault {
  const hint =
    'a refused PIN is not tried again, and one PIN serves until the process ends: after mending it, restart'
  return new RemoteFault(code, { message, hint, member: ['pin'] }, { cause })
}
