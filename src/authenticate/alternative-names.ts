import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/** What a name may begin with in a file: the kinds of name that certificates of services have. */
const FORM = /^(?:(?:DNS|URI|email):[!-~]+|IP:[0-9A-Fa-f.:]+)$/

/**
 * The subject alternative names (RFC 5280 section 4.2.1.6) as `DNS:orders.mesh`, `URI:spiffe://mesh/orders`,
 * `email:ops@example.com`, `IP:10.0.0.1`, and others as Node names them.
 */
export function alternativeNames({ subjectAltName }: X509Certificate): string[] {
  // a name with anything special in it, a comma above all, is a JSON text without commas: nothing else parts names
  return (subjectAltName?.split(', ') ?? []).map((entry) => {
    const [type, name] = splitAtColon(entry)
    return typed(type, name.startsWith('"') ? String(JSON.parse(name)) : name)
  })
}

/** A name of a file as `alternativeNames` writes it; undefined when it is none. */
export function parseAlternativeName(text: string): string | undefined {
  const [type, name] = splitAtColon(text)
  if (!FORM.test(text) || (type === 'IP' && isIP(name) === 0)) return undefined
  return typed(type, name)
}

/** The name without its type. */
export function bareName(text: string): string {
  return splitAtColon(text)[1]
}

function typed(type: string, name: string): string {
  if (type !== 'IP' && type !== 'IP Address') return `${type}:${name}`
  // an IPv6 address has one shortest spelling (RFC 5952)
  return isIP(name) === 6 ? `IP:${new URL(`http://[${name}]`).hostname.slice(1, -1)}` : `IP:${name}`
}

function splitAtColon(text: string): [string, string] {
  const at = text.indexOf(':')
  return [text.slice(0, at), text.slice(at + 1)]
}
