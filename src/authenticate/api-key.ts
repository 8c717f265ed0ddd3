import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Authentication } from '../types.ts'
import { type ApiClient, clientsSchema, indexClients } from './api-clients.ts'
import type { Authenticator, AuthenticatorKind } from './authenticator.ts'
import { createCredentialPlace, type PlaceConfig, placeSchema } from './credential-place.ts'
import { warnOfNobody } from './nobody.ts'

const schema = z
  .strictObject({
    in: placeSchema('x-api-key').describe(
      'Where the key stands. Default: the header field x-api-key.',
    ),
    file: z.string().min(1).describe('Path of a YAML file that lists the clients.'),
  })
  .describe('A key that a client was given, checked with a file of digests.')

/** Clients with a key of their own; the file holds SHA-256 digests, never a key. */
export const apiKey: AuthenticatorKind<z.infer<typeof schema>> = {
  schema,
  credential: (config) => createCredentialPlace(config.in).credential,
  async create({ in: place, file }, scope, { name, readYaml }) {
    const read = await readYaml(file, clientsSchema, scope.at('file'))
    if (read?.value.length === 0) warnOfNobody(scope.at('file'))
    const clients = read && indexClients(read.value, read.scope)
    return clients && createApiKey(clients, place, name)
  },
}

/** Visible ASCII, which header, query and cookie carry unchanged; at most 4 KiB. */
const KEY_FORM = /^[!-~]{1,4096}$/

function createApiKey(
  clients: ReadonlyMap<string, ApiClient>,
  place: PlaceConfig,
  name: string,
): Authenticator {
  const { credential, examine, scheme = 'ApiKey' } = createCredentialPlace(place)
  const callers = new Map([...clients].map(([digest, client]) => [digest, callerOf(client)]))
  return {
    ...credential,
    challenge: () => `${scheme} realm="${name}"`,
    examine: examine((key) => {
      if (!KEY_FORM.test(key)) return { refused: { reason: 'malformed' } }
      // how long a look-up takes tells of digests, and nobody can choose the digest of a guess
      const caller = callers.get(createHash('sha256').update(key).digest('hex'))
      if (!caller) return { refused: { reason: 'unknown' } }
      return caller.enabled
        ? { caller: caller.authentication }
        : { refused: { reason: 'disabled' } }
    }),
  }
}

function callerOf(client: ApiClient): { enabled: boolean; authentication: Authentication } {
  const { clientId, clientName, principal = clientId, roles, properties, enabled = true } = client
  return {
    enabled,
    authentication: {
      scheme: 'apiKey',
      principal,
      clientId,
      ...(clientName !== undefined && { clientName }),
      ...(roles && { roles }),
      ...(properties && { properties }),
    },
  }
}
