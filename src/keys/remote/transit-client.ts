import { type Dispatcher, request } from 'undici'
import type { Secret } from '../../secret.ts'
import { RemoteFault } from './remote-fault.ts'
import { type AgentOptions, sharedAgent } from './shared-agent.ts'

/** Asks one Vault or OpenBao server over its HTTP API. */
export interface TransitClient {
  /** The `data` of a successful answer. Rejects with a `RemoteFault`. */
  ask(question: TransitQuestion, signal: AbortSignal): Promise<unknown>
}

/** One request to the API. */
export interface TransitQuestion {
  readonly method: 'GET' | 'POST'
  /** Below `/v1/`: `transit/sign/orders`. */
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
}

/** How a server is reached. */
export interface TransitClientOptions extends AgentOptions {
  readonly namespace: string | undefined
  /** Reads the token anew. */
  readonly readToken: () => Promise<Secret>
}

/**
 * Creates a client. The token is read once and then when a request is refused with 403, at most once for that
 * request and once for all that wait for it: an agent may have replaced it. Redirects are not followed, so that the
 * token goes nowhere else.
 */
export async function createTransitClient(options: TransitClientOptions): Promise<TransitClient> {
  const { origin, namespace, readToken } = options
  const agent = sharedAgent(options)
  let token = await readToken()
  let reading: Promise<Secret> | undefined

  async function send(
    { method, path, body }: TransitQuestion,
    withToken: Secret,
    signal: AbortSignal,
  ): Promise<unknown> {
    const answer = await request(`${origin}/v1/${path}`, {
      dispatcher: agent,
      method,
      signal,
      headers: {
        'x-vault-token': withToken.reveal(),
        // an agent between may ask for it, as a guard against forged requests
        'x-vault-request': 'true',
        ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch(unreachable)
    return dataOf(answer)
  }

  function readAgain(): Promise<Secret> {
    reading ??= readToken()
      .then((read) => (token = read))
      .finally(() => (reading = undefined))
    return reading
  }

  return {
    async ask(question, signal) {
      const sent = token
      try {
        return await send(question, sent, signal)
      } catch (error) {
        if (!(error instanceof RemoteFault && error.code === 'http-403')) throw error
        // another request may have read it meanwhile
        const now = token.equals(sent) ? await readAgain() : token
        if (now.equals(sent)) throw error
        return send(question, now, signal)
      }
    },
  }
}

async function dataOf({ statusCode, body }: Dispatcher.ResponseData): Promise<unknown> {
  if (statusCode !== 200) {
    // a connection with an unread answer cannot be used again
    await body.dump().catch(() => undefined)
    throw refused(statusCode)
  }
  const answer = await body.json().catch((error) => {
    if (error instanceof SyntaxError) return undefined
    return unreachable(error)
  })
  return isObject(answer) ? answer.data : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function unreachable(cause: NodeJS.ErrnoException): never {
  throw new RemoteFault(
    cause.code ?? cause.name,
    {
      message: 'expected an answer from the Vault server',
      hint: 'check the address, that it can be reached from here, and ca when its certificate is a private one',
      member: ['address'],
      isTransient: true,
    },
    { cause },
  )
}

// By status alone: the texts of an answer may name what is not for our logs.
function refused(status: number): RemoteFault {
  const [member, hint] = MEANINGS[status] ?? [
    'address',
    status >= 300 && status < 400
      ? 'name the active server: redirects are not followed'
      : 'see the log of the Vault server',
  ]
  return new RemoteFault(`http-${status}`, {
    message: `expected the status 200 from the Vault server, found ${status}`,
    hint,
    member: [member],
    isTransient: status === 429 || status >= 500,
  })
}

const MEANINGS: Readonly<Record<number, readonly [member: string, hint: string]>> = {
  400: ['key', 'check that this key and version may sign'],
  403: [
    'token',
    'the token needs `read` on keys/<key> and `update` on sign/<key> of the mount, and the right namespace',
  ],
  404: ['key', 'check mount, key and namespace'],
  503: ['address', 'the server is sealed or in maintenance'],
}
