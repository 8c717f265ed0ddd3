import { createHmac } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Environment } from '../environment.ts'
import type { Scope } from '../kind.ts'
import type { Secret } from '../secret.ts'
import { costOf } from './htpasswd.ts'
import { createPasswordQueue } from './password-queue.ts'

/** The passwords of the users of one reading of the files. */
export interface Passwords {
  /**
   * True for the user's password. A user who is not there costs as much as one who is. Throws `overload` when too
   * many wait.
   */
  prove(user: string, password: Secret): Promise<boolean>
}

/** Comparisons at a time, of the four threads that files, names and remote keys share, and how many may wait. */
const CONCURRENT = 2
const QUEUED = 128
/** Pairs that need no comparison, as they were proven before. */
const PROVEN = 10_000

/** What compares a password with a bcrypt hash, off the event loop. */
export interface Comparer {
  compare(password: string, hash: string): Promise<boolean>
}

/** The native library, loaded when passwords are checked: a process that may load no addons can do all else. */
export async function loadBcrypt(scope: Scope): Promise<Comparer | undefined> {
  try {
    return (await import('bcrypt')).default
  } catch {
    scope.report([], {
      severity: 'error',
      rule: 'authenticator/bcrypt',
      message: 'expected the native library bcrypt, which checks passwords, to load',
      hint: 'install the packages for this platform, and give node --allow-addons under its permission model',
    })
    return undefined
  }
}

/** Everything waits for the same threads, however often the files are read. */
const queue = createPasswordQueue(CONCURRENT, QUEUED)

/** Bytes of a password that bcrypt reads; two that begin with the same would both be right. */
export const PASSWORD_LIMIT = 72

/** Compares passwords with bcrypt `hashes` by user; a pair that was right is known from then on. */
export function createPasswords(
  hashes: ReadonlyMap<string, string>,
  comparer: Comparer,
  { random }: Pick<Environment, 'random'>,
): Passwords {
  const hmacKey = random(32)
  const proven = new LRUCache<string, true>({ max: PROVEN })
  const underWay = new Map<string, Promise<boolean>>()
  const unknown = hashOfNobody(hashes, random)

  async function compare(user: string, password: Secret, pair: string): Promise<boolean> {
    const hash = hashes.get(user)
    const isRight = await queue.take(() => comparer.compare(password.reveal(), hash ?? unknown))
    if (hash === undefined || !isRight) return false
    proven.set(pair, true)
    return true
  }

  return {
    async prove(user, password) {
      // a NUL stands in neither, so no other pair has the same text
      const text = `${user}\0${password.reveal()}`
      const pair = createHmac('sha256', hmacKey).update(text).digest('base64')
      if (proven.has(pair)) return true
      const already = underWay.get(pair)
      if (already) return already
      const compared = compare(user, password, pair).finally(() => underWay.delete(pair))
      underWay.set(pair, compared)
      return compared
    },
  }
}

/** A hash of no known password, of the highest cost in the file: a guess at a name takes as long as one that is there. */
function hashOfNobody(hashes: ReadonlyMap<string, string>, random: Environment['random']): string {
  const cost = Math.max(...[...hashes.values()].map(costOf), 4)
  const digits = Buffer.from(random(40)).toString('hex').slice(0, 53)
  return `$2b$${String(cost).padStart(2, '0')}$${digits}`
}
