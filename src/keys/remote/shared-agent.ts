import { Agent } from 'undici'

/** What decides a connection. */
export interface AgentOptions {
  /** Scheme, host and port of the server. */
  readonly origin: string
  /** PEM text of the authorities that sign the server's certificate; undefined: those that Node knows. */
  readonly ca: string | undefined
  /** Milliseconds to connect, until the head, and between two parts of the body. */
  readonly timeout: number
}

const MAXIMUM_ANSWER = 64 * 1024
/** Milliseconds that a connection may be idle, whatever the server offers. */
const IDLE = 10_000
/** Agents that are found again. One beyond serves its keys as well, and is gone with them. */
const KEPT = 32

// Over reloads too: an agent for each reading of the files would leave its connections open each time.
const agents = new Map<string, Agent>()

/** The HTTP agent of this process for these options. It keeps no process alive. */
export function sharedAgent(options: AgentOptions): Agent {
  const { origin, ca = null, timeout } = options
  const name = JSON.stringify([origin, ca, timeout])
  const agent = agents.get(name) ?? createAgent(options)
  agents.delete(name) // to the end: what was asked for longest ago goes first
  agents.set(name, agent)
  if (agents.size > KEPT) agents.delete(agents.keys().next().value!)
  return agent
}

function createAgent({ ca, timeout }: AgentOptions): Agent {
  return new Agent({
    allowH2: false,
    // whatever NODE_TLS_REJECT_UNAUTHORIZED says
    connect: { timeout, rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    headersTimeout: timeout,
    bodyTimeout: timeout,
    keepAliveMaxTimeout: IDLE,
    maxResponseSize: MAXIMUM_ANSWER,
  })
}
