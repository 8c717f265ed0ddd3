import { realpath } from 'node:fs/promises'
import type { PKCS11 } from 'pkcs11js'
import { RemoteFault } from './remote-fault.ts'

/** The names and classes of the binding. */
export type Cryptoki = typeof import('pkcs11js')

/** A PKCS#11 library, initialised once in this process (PKCS#11 v2.40 section 5.4). */
export interface Library {
  readonly cryptoki: Cryptoki
  /**
   * Runs an operation with the library and the number of its present life: handles of another life mean nothing.
   * After an operation failed because something was lost, the library is initialised anew before the next one, once
   * none is under way. Rejects with a `RemoteFault`.
   */
  use<T>(operation: (library: PKCS11, life: number) => Promise<T>): Promise<T>
}

// A library may be initialised once in a process, and its sessions and logins belong to the process: keys of all
// files, over reloads too, have to share it.
const libraries = new Map<string, Promise<Library>>()

/** The library at an absolute path. Rejects with a `RemoteFault`. */
export async function openLibrary(path: string): Promise<Library> {
  const cryptoki = await loadBinding()
  const real = await realpath(path).catch((cause) => {
    throw unusable('ENOENT', 'expected a PKCS#11 library where none is', cause)
  })
  let library = libraries.get(real)
  if (library === undefined) {
    library = load(cryptoki, real)
    libraries.set(real, library)
    library.catch(() => libraries.delete(real))
  }
  return library
}

async function loadBinding(): Promise<Cryptoki> {
  try {
    return (await import('pkcs11js')).default
  } catch (cause) {
    const details = {
      message: 'expected the package pkcs11js to be installed for this Node',
      hint: 'npm install pkcs11js',
    }
    throw new RemoteFault('pkcs11js', details, { cause })
  }
}

async function load(cryptoki: Cryptoki, path: string): Promise<Library> {
  const library = new cryptoki.PKCS11()
  try {
    library.load(path)
  } catch (cause) {
    throw unusable('library', 'expected a library with the interface of PKCS#11', cause)
  }
  const initialise = () =>
    ignoring('CKR_CRYPTOKI_ALREADY_INITIALIZED', () =>
      library.C_Initialize({ flags: cryptoki.CKF_OS_LOCKING_OK }),
    )
  try {
    initialise()
  } catch (cause) {
    throw unusable(
      resultOf(cause) ?? 'library',
      'expected a PKCS#11 library that can be initialised',
      cause,
    )
  }

  let life = 1
  let users = 0
  let isLost = false
  let renewal: Promise<void> | undefined
  let onIdle: (() => void) | undefined

  // C_Finalize while another call runs is undefined behaviour (section 5.4)
  async function renew(): Promise<void> {
    if (users > 0) await new Promise<void>((resolve) => (onIdle = resolve))
    ignoring('CKR_CRYPTOKI_NOT_INITIALIZED', () => library.C_Finalize())
    life += 1
    initialise()
    isLost = false
  }

  return {
    cryptoki,
    async use(operation) {
      try {
        while (isLost) {
          renewal ??= renew().finally(() => (renewal = undefined))
          await renewal
        }
      } catch (error) {
        throw asFault(error)
      }
      users += 1
      try {
        return await operation(library, life)
      } catch (error) {
        const fault = asFault(error)
        if (fault.isTransient) isLost = true
        throw fault
      } finally {
        users -= 1
        if (users === 0) onIdle?.()
      }
    },
  }
}

/** The name of a return value, `CKR_…`, in an error of the binding; undefined in another one. */
export function resultOf(error: unknown): string | undefined {
  return error instanceof Error ? /\bCKR_[A-Z0-9_]+/.exec(error.message)?.[0] : undefined
}

/** Runs a call for which one return value is as good as success. */
export function ignoring(result: string, call: () => void): void {
  try {
    call()
  } catch (error) {
    if (resultOf(error) !== result) throw error
  }
}

function asFault(error: unknown): RemoteFault {
  if (error instanceof RemoteFault) return error
  const result = resultOf(error)
  const isWrong = result === undefined || WRONG.test(result)
  return new RemoteFault(
    result ?? 'library',
    {
      message: `expected the PKCS#11 token to do what it was asked (${result ?? 'no result'})`,
      hint: isWrong
        ? 'check that this key may sign and with which mechanisms'
        : 'check that the token is there and not locked',
      ...(isWrong && { member: ['label'] }),
      isTransient: !isWrong,
    },
    { cause: error },
  )
}

// What a token answers when the request is at fault, not the token: nothing is lost, and asking again is no use.
const WRONG =
  /^CKR_(?:ARGUMENTS|ATTRIBUTE|BUFFER|DATA|KEY_(?:FUNCTION|SIZE|TYPE)|MECHANISM|PIN|TEMPLATE|USER_TYPE)_/

function unusable(code: string, message: string, cause: unknown): RemoteFault {
  const hint =
    'write the absolute path of the library of the token, such as /usr/lib/softhsm/libsofthsm2.so'
  return new RemoteFault(code, { message, hint, member: ['library'] }, { cause })
}
