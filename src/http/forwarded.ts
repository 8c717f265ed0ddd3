import { bracketed, parseAddress } from '../address.ts'
import { fold, remembering, TOKEN } from '../header-name.ts'
import type { RequestHead } from '../types.ts'
import { eachField } from './raw-headers.ts'

const ORIGINAL =
  /^(?:(?:cloudfront_)?forwarded|x_(?:original|rewrite|envoy|(?:http_)?method(?:_override)?))(?:_.*)?$|^x_?forwarded|^x_forward_(?:for|host|proto)$/
const ADDRESS =
  /(?:client|connecting|originating|real|remote|socket|user|viewer)_?ip(?:v[46])?(?:_.*)?$|^(?:x_)?(?:remote_(?:addr|address|host|port)|client_(?:addr|port))$|^cloudfront_viewer_address$/
const HOST_OR_SCHEME =
  /^(?:x_(?:http_)?host(?:_override)?|x_(?:url_)?scheme|x_proto|(?:x_)?https|front_end_https|cf_visitor|wl_proxy_.+|(?:fastly|x_arr)_ssl)$/
const CERTIFICATE =
  /^(?:x_ssl|(?:x_)?(?:ssl|tls)_client)(?:_.*)?$|(?:^|_)client_?cert(?:ificate)?(?:_.*)?$|^(?:x_)?client_(?:verify|verified|(?:[si]_)?dn|cn)$/

const TOLD: readonly RegExp[] = [ORIGINAL, ADDRESS, HOST_OR_SCHEME, CERTIFICATE]

/**
 * True for the folded name of a field by which some proxy tells what it received: the client's address, scheme, host,
 * method, path or certificate. Anyone can write them.
 */
export function isForwardedField(folded: string): boolean {
  return TOLD.some((pattern) => pattern.test(folded))
}

const isTold = remembering((name) => isForwardedField(fold(name)))

/** The head without what its sender tells of another client: what is believed of a peer that is no trusted proxy. */
export function withoutForwarded(head: RequestHead): RequestHead {
  if (!Object.keys(head.headers).some(isTold)) return head
  const left = Object.entries(head.headers).filter(([name]) => !isTold(name))
  const headers = Object.assign(Object.create(null), Object.fromEntries(left))
  return { ...head, headers }
}

/** What the upstream is told of the client. */
export interface ForwardedOptions {
  /** By which fields; `none`: by those that a trusted proxy sent, as they are. */
  readonly style: 'none' | 'x-forwarded' | 'forwarded'
  /** True when the peer is a proxy whose own fields are believed. */
  readonly trusted: boolean
  readonly client: Pick<RequestHead, 'remoteAddress' | 'scheme' | 'host'>
}

/**
 * The fields that tell the upstream of the client, names and values by turns. `received` is what a trusted proxy sent
 * of them, in the same form: our peer is put at the end of its list (`X-Forwarded-For`, or RFC 7239 `Forwarded`), and
 * its `X-Forwarded-Proto` and `-Host` win over ours. No alias of a field that is set here is taken.
 */
export function forwardedFields(received: readonly string[], options: ForwardedOptions): string[] {
  if (options.style === 'none') return [...received]
  const own = WRITERS[options.style](received, options.client)
  const isOwn = new Set(own.map(([name]) => fold(name)))
  const out: string[] = []
  eachField(received, (name, value) => {
    if (!isOwn.has(fold(name))) out.push(name, value)
  })
  for (const [name, value] of own) if (value !== '') out.push(name, value)
  return out
}

type Field = readonly [name: string, value: string]
type Writer = (received: readonly string[], client: ForwardedOptions['client']) => Field[]

const WRITERS: Readonly<Record<Exclude<ForwardedOptions['style'], 'none'>, Writer>> = {
  'x-forwarded': (received, { remoteAddress, scheme, host }) => [
    [
      'x-forwarded-for',
      [...linesOf(received, 'x-forwarded-for'), ipOf(remoteAddress) ?? UNKNOWN].join(', '),
    ],
    ['x-forwarded-proto', linesOf(received, 'x-forwarded-proto').join(', ') || scheme],
    ['x-forwarded-host', linesOf(received, 'x-forwarded-host').join(', ') || host],
  ],
  forwarded(received, client) {
    const lines = linesOf(received, 'forwarded').filter((line) => CLOSED.test(line))
    return [['forwarded', [...lines, element(client)].join(', ')]]
  },
}

/** RFC 7239 section 6.2: what stands for an address that is not known. */
const UNKNOWN = 'unknown'
/** A list that ends outside of quotes: what is put behind another would be read as a part of it. */
const CLOSED = /^(?:[^"]|"(?:[^"\\]|\\.)*")*$/
const PLAIN = new RegExp(`^${TOKEN}$`)

function element({ remoteAddress, scheme, host }: ForwardedOptions['client']): string {
  const ip = ipOf(remoteAddress) ?? UNKNOWN
  const parts = [`for=${quoted(bracketed(ip))}`, `proto=${scheme}`]
  if (host !== '') parts.push(`host=${quoted(host)}`)
  return parts.join(';')
}

function quoted(text: string): string {
  return PLAIN.test(text) ? text : `"${text}"`
}

/** The address of a peer without its port and zone; one that is mapped into IPv6 as IPv4. */
function ipOf(remoteAddress: string): string | undefined {
  const host = parseAddress(remoteAddress.replace(/%[^\]]*/, ''))?.host
  return host?.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** Lines under this very name that hold something. */
function linesOf(received: readonly string[], wanted: string): string[] {
  const lines: string[] = []
  eachField(received, (name, value) => {
    if (name.toLowerCase() === wanted && value.trim() !== '') lines.push(value)
  })
  return lines
}
