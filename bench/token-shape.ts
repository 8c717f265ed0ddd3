import type { BenchKey } from './keys.ts'

// The token that every contender makes: 10 claims (3 constants, 5 read from the request, 1 with a default, 1 through
// a function), beside `iat` and `exp`, and `alg`, `kid`, `typ` in the header.

/** What the request tells of its caller. There is no `x-region`: the default stands in. */
export const CALLER = {
  'x-user': 'ann',
  'x-tenant': 'acme',
  'x-role': 'editor',
  'x-plan': 'gold',
} as const

/** The 10 claims for a GET or POST of `path` by `CALLER`. */
export function expectedClaims(method: string, path: string): Record<string, string> {
  return {
    iss: 'bench',
    aud: 'https://upstream.example',
    env: 'prod',
    sub: 'ann',
    tenant: 'acme',
    role: 'editor',
    method,
    path,
    region: 'eu',
    plan: 'GOLD',
  }
}

/** The claims as JSONata, by name; a text without `#[…]` is a constant. */
export const CLAIMS = {
  iss: 'bench',
  aud: 'https://upstream.example',
  env: 'prod',
  sub: '#[attributes.headers.`x-user`]',
  tenant: '#[attributes.headers.`x-tenant`]',
  role: '#[attributes.headers.`x-role`]',
  method: '#[attributes.method]',
  path: '#[attributes.requestPath]',
  region: "#[attributes.headers.`x-region` ?? 'eu']",
  plan: '#[$uppercase(attributes.headers.`x-plan`)]',
} as const

/** How a policy of ours signs. */
export interface PolicyText {
  readonly name?: string
  /** The key that signs; or the name of an account that has one, and an issuer. */
  readonly key: BenchKey | string
  /** False signs for each request. */
  readonly reuses: boolean
  /** The path it applies to. Default: every path. */
  readonly path?: string
  /** Where the token goes. Default: `authorization`. */
  readonly place?: 'body'
  /** Claims as JSONata. Default `CLAIMS`. */
  readonly claims?: Readonly<Record<string, string>>
}

/** The policy file that makes that token. */
export function policyText(policy: PolicyText): string {
  const { name = 'bench', key, reuses, path, place, claims = CLAIMS } = policy
  const { iss, sub, aud, ...custom } = claims
  return JSON.stringify({
    name,
    ...(path && { match: { path } }),
    jwt: {
      ...(typeof key === 'string' ? { account: key } : keyMembers(key)),
      exp: 300,
      singleUse: !reuses,
      ...(iss && { iss }),
      ...(sub && { sub }),
      ...(aud && { aud }),
      customClaims: Object.entries(custom).map(([member, value]) => ({ name: member, value })),
    },
    ...(place === 'body' && { inject: { location: 'body', name: '/token' } }),
  })
}

/** What names a key, in a policy or an account. */
export function keyMembers({ algorithm, file }: BenchKey) {
  return { signingMethod: algorithm, privateKey: { file }, kid: 'bench' }
}
