import { constants, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'
import type { TestCertificate } from './certificate.ts'
import { listening } from './listening.ts'

/** What the stand-in does with a request in place of answering it as documented. */
export type Trouble =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The body of an answer with status 200. */
  | { readonly body: string }
  | 'hang'
  | 'reset'

/** A request that the stand-in received. */
export interface TransitRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Readonly<Record<string, unknown>>
}

/** The Transit secrets engine of a Vault server, as far as its documented endpoints for reading keys and signing. */
export interface TransitStandIn {
  /** `http://127.0.0.1:<port>`, or `https:` */
  readonly address: string
  readonly requests: readonly TransitRequest[]
  /** The tokens that it accepts. */
  readonly tokens: Set<string>
  /** What it does until it is set to undefined again; a function decides request by request. */
  trouble: Trouble | (() => Trouble | undefined) | undefined
  /** How many connections are open. */
  connections(): Promise<number>
  /** Makes a key at version 1, in place of one of the same name. */
  addKey(name: string, type: TransitKeyType, details?: { readonly derived?: boolean }): void
  /** Makes the next version of a key. */
  rotate(name: string): void
}

/** Key types of the engine that a test makes. */
export type TransitKeyType = keyof typeof MAKERS

/** What the engine is mounted as; all of it may be left out. */
export interface TransitOptions {
  /** Default `transit`. */
  readonly mount?: string
  /** The namespace that requests must name. */
  readonly namespace?: string
  /** Speaks TLS with this certificate. */
  readonly tls?: TestCertificate
}

/** Starts a stand-in that accepts the token `s.first`; it closes when the test has finished. */
export async function startTransit(options: TransitOptions = {}): Promise<TransitStandIn> {
  const { mount = 'transit', namespace, tls } = options
  const keys = new Map<string, TransitKeyState>()
  const requests: TransitRequest[] = []

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = request.method === 'POST' ? ((await json(request)) as object) : {}
    const { method = '', url: path = '', headers } = request
    requests.push({ method, path, headers, body: { ...body } })
    const trouble = typeof standIn.trouble === 'function' ? standIn.trouble() : standIn.trouble
    if (trouble === 'hang') return
    if (trouble === 'reset') request.socket.resetAndDestroy()
    else if (trouble && 'body' in trouble) response.end(trouble.body)
    else if (trouble) response.writeHead(trouble.status, trouble.headers).end('told by the server')
    else answer(response, decide(requests.at(-1)!))
  }
  /** The `data` of the answer, or the status of a refusal. */
  function decide({ headers, method, path, body }: TransitRequest): object | number {
    const isKnown =
      standIn.tokens.has(String(headers['x-vault-token'])) &&
      headers['x-vault-namespace'] === namespace
    if (!isKnown) return 403
    const [, verb, name = ''] = new RegExp(`^/v1/${mount}/(keys|sign)/([^/]+)$`).exec(path) ?? []
    const key = keys.get(name)
    if (`${method} ${verb}` === 'GET keys') return key ? describe(name, key) : 404
    if (`${method} ${verb}` !== 'POST sign') return 404
    const signature = key && signWith(key, body)
    return signature ? { signature } : 400
  }

  const server = tls ? createTlsServer(tls, serve) : createServer(serve)
  const port = await listening(server)
  const standIn: TransitStandIn = {
    address: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    tokens: new Set(['s.first']),
    trouble: undefined,
    connections: promisify(server.getConnections.bind(server)),
    addKey(name, type, { derived = false } = {}) {
      keys.set(name, { type, derived, versions: [MAKERS[type]()] })
    },
    rotate(name) {
      const key = keys.get(name)!
      key.versions.push(MAKERS[key.type]())
    },
  }
  return standIn
}

interface TransitKeyState {
  readonly type: TransitKeyType
  readonly derived: boolean
  readonly versions: (KeyObject | undefined)[]
}

const MAKERS = {
  'rsa-2048': () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  'ecdsa-p256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'ecdsa-p384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  'ecdsa-p521': () => generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  ed25519: () => generateKeyPairSync('ed25519').privateKey,
  'aes256-gcm96': () => undefined,
} as const

function describe(name: string, { type, derived, versions }: TransitKeyState) {
  const entries = versions.map((key, index) => [
    index + 1,
    key ? describeVersion(key) : 1_700_000_000,
  ])
  return {
    type,
    name,
    derived,
    latest_version: versions.length,
    min_encryption_version: 0,
    supports_signing: versions[0] !== undefined,
    keys: Object.fromEntries(entries),
  }
}

function describeVersion(key: KeyObject) {
  const { x = '' } = key.export({ format: 'jwk' })
  const publicKey =
    key.asymmetricKeyType === 'ed25519'
      ? Buffer.from(x, 'base64url').toString('base64')
      : createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
  return { creation_time: '2026-01-01T00:00:00Z', name: '', public_key: publicKey }
}

function signWith({ versions }: TransitKeyState, body: TransitRequest['body']): string | undefined {
  const version = Number(body.key_version) || versions.length
  const key = versions[version - 1]
  if (!key || typeof body.input !== 'string') return undefined
  const isJws = body.marshaling_algorithm === 'jws'
  const hash = String(body.hash_algorithm ?? 'sha2-256').replace('sha2-', 'sha')
  const isRsa = key.asymmetricKeyType === 'rsa'
  const isPkcs1 = body.signature_algorithm === 'pkcs1v15'
  const signature = sign(
    key.asymmetricKeyType === 'ed25519' ? null : hash,
    Buffer.from(body.input, 'base64'),
    {
      key,
      dsaEncoding: isJws ? 'ieee-p1363' : 'der',
      // the engine's defaults are PSS and the longest salt
      ...(isRsa && {
        padding: isPkcs1 ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_PSS_PADDING,
        saltLength:
          body.salt_length === 'hash'
            ? constants.RSA_PSS_SALTLEN_DIGEST
            : constants.RSA_PSS_SALTLEN_MAX_SIGN,
      }),
    },
  )
  // base64url without padding comes with JWS marshalling, whatever the key
  return `vault:v${version}:${signature.toString(isJws ? 'base64url' : 'base64')}`
}

function answer(response: ServerResponse, decision: object | number): void {
  response.setHeader('content-type', 'application/json')
  if (typeof decision === 'object') {
    response.end(JSON.stringify({ request_id: 'r', lease_id: '', data: decision }))
    return
  }
  // with texts, as the server gives them: none of them may reach a log
  response.writeHead(decision).end(JSON.stringify({ errors: ['told by the server'] }))
}
