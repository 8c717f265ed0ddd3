import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Scope } from '../kind.ts'

/** 64 hex digits, or the 32 bytes in base64 or base64url. */
const DIGEST = /^(?:[0-9A-Fa-f]{64}|[A-Za-z0-9+/]{43}=|[A-Za-z0-9_-]{43})$/

const text = z.string().min(1)

/** Refuses what is written in place of a digest. */
function refuse(message: string, hint = 'make one with: printf %s KEY | sha256sum') {
  return { code: 'custom', message, params: { rule: 'authenticator/digest', hint } } as const
}

const digest = z.string().superRefine((written, { addIssue }) => {
  if (!DIGEST.test(written)) {
    addIssue(refuse('expected the SHA-256 digest of the key: 64 hex digits, or base64'))
  } else if (inHex(written) === DIGEST_OF_NOTHING) {
    const message = 'expected the digest of a key, this is that of an empty text'
    addIssue(refuse(message, 'the variable with the key was not set where it was made'))
  }
})

const DIGEST_OF_NOTHING = createHash('sha256').digest('hex')

const clientSchema = z.strictObject({
  sha256: digest.describe('SHA-256 digest of the key, in hex, base64 or base64url.'),
  key: z
    .unknown()
    .superRefine((_key, { addIssue }) =>
      addIssue(refuse('expected the digest of the key as "sha256", never the key itself')),
    )
    .optional(),
  clientId: text.describe('Who the client is; several keys may be of one client.'),
  clientName: text.optional().describe('What people call it.'),
  principal: text.optional().describe('Default: the client id.'),
  roles: z.array(text).optional(),
  properties: z.record(z.string(), z.json()).optional().describe('Whatever expressions may want.'),
  enabled: z.boolean().optional().describe('false: the key is refused. Default true.'),
})

/** The file of an `apiKey` authenticator: a list with an entry for each key; an empty one knows nobody. */
export const clientsSchema = z.array(clientSchema)

/** One key and whose it is. */
export type ApiClient = Omit<z.infer<typeof clientSchema>, 'key'>

/**
 * The clients by the digest of their key in lower-case hex; undefined after an error was reported. `scope` is that
 * of the file.
 */
export function indexClients(
  clients: readonly ApiClient[],
  scope: Scope,
): ReadonlyMap<string, ApiClient> | undefined {
  const byDigest = new Map<string, ApiClient>()
  const places = new Map<string, string>()
  for (const [index, client] of clients.entries()) {
    const path = [index, 'sha256']
    const digest = inHex(client.sha256)
    const earlier = places.get(digest)
    if (earlier !== undefined) {
      scope.report(path, {
        severity: 'error',
        rule: 'authenticator/duplicate-key',
        message: `expected a key of its own, the client at ${earlier} has the same`,
        hint: 'give each client another key',
      })
    }
    places.set(digest, earlier ?? scope.locate(path))
    byDigest.set(digest, client)
  }
  return byDigest.size === clients.length ? byDigest : undefined
}

function inHex(digest: string): string {
  if (digest.length === 64) return digest.toLowerCase()
  return Buffer.from(digest, 'base64url').toString('hex')
}
