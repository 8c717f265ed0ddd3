import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ecKeys, hmacSecret, rsaKeys } from './keys.ts'

/** One way to break a good configuration. */
export interface Mutant {
  readonly name: string
  /** Breaks the files in this folder. */
  apply(folder: string): void
  /** What is said of it, with the place. */
  readonly says: RegExp
}

/** The good configuration, by relative name; every request is answered with a token of `orders`. */
export function goodFiles(upstream: string): Readonly<Record<string, string>> {
  return {
    'countersign.yaml': `policies: policies
routes:
  - name: all
    upstream: ${upstream}
accounts:
  erp: { signingMethod: ES256, privateKey: { file: keys/erp.pem } }
`,
    'policies/billing.yaml': BILLING,
    'policies/orders.yaml': ORDERS,
    'keys/erp.pem': ERP,
    'keys/shared.txt': hmacSecret(),
  }
}

const ERP = ecKeys().pkcs8
const ORDERS = `name: orders
jwt:
  account: erp
  exp: 300
  sub: "#[attributes.method]"
  aud: [https://orders.example.com]
inject: { location: header, name: authorization, scheme: Bearer }
`
const BILLING = `name: billing
match: { path: /billing }
jwt:
  signingMethod: HS256
  privateKey: { file: ../keys/shared.txt }
  exp: 300
inject: { name: x-billing }
`

const write = (name: string, content: string | Uint8Array) => (folder: string) =>
  writeFileSync(join(folder, name), content)

/** Writes `orders.yaml` with one text in place of another. */
function orders(name: string, from: string, to: string, says: RegExp): Mutant {
  if (!ORDERS.includes(from)) throw new Error(`expected ${from} in the policy`)
  return { name, apply: write('policies/orders.yaml', ORDERS.replace(from, to)), says }
}

/** Writes a whole file. */
function whole(name: string, file: string, content: string | Uint8Array, says: RegExp): Mutant {
  return { name, apply: write(file, content), says }
}

/** Puts something that is no regular file in a file's place. */
function inPlaceOf(file: string, name: string, make: (path: string) => void, says: RegExp): Mutant {
  return {
    name: `${name} in place of ${file}`,
    apply(folder) {
      const path = join(folder, file)
      rmSync(path)
      make(path)
    },
    says,
  }
}

const POLICY = 'policies/orders.yaml'
const GATEWAY = 'countersign.yaml'
const KEY = 'keys/erp.pem'
const at = (file: string) => (rule: string) =>
  new RegExp(`${file}\\.yaml:\\d+:\\d+: error\\[${rule}\\]`)
const atPolicy = at('orders')
const atGateway = at('countersign')
const goodGateway = goodFiles('http://127.0.0.1:9')[GATEWAY] as string
const cut = (text: string, bytes: number) => text.slice(0, bytes)

/** The policy cut at every 64th byte, within a line. */
const CUTS = Array.from({ length: Math.floor(ORDERS.length / 64) }, (_, index) => (index + 1) * 64)
  .filter((bytes) => ORDERS[bytes - 1] !== '\n')
  .map((bytes) =>
    whole(`a policy cut at byte ${bytes}`, POLICY, cut(ORDERS, bytes), atPolicy('yaml/syntax')),
  )

/** Ways to break the good configuration, each refused as a whole and reported with its place. */
export const MUTANTS: readonly Mutant[] = [
  orders('a list that is not closed', '[https', '[ [https', atPolicy('yaml/syntax')),
  orders('a quote that is not closed', 'method]"', 'method]', atPolicy('yaml/syntax')),
  orders('a tab for indentation', '  account', '\taccount', atPolicy('yaml/syntax')),
  orders('a key twice', '  exp: 300\n', '  exp: 300\n  exp: 60\n', atPolicy('yaml/duplicate-key')),
  orders('an alias', '300', '&ttl 300\n  nbf: *ttl', atPolicy('yaml/alias')),
  orders('a merge key', '  exp: 300\n', '  <<: { exp: 300 }\n', atPolicy('yaml/merge')),
  orders('a tag', '300', '!seconds 300', atPolicy('yaml/tag')),
  orders('an unknown key', 'exp:', 'expires:', atPolicy('schema/unknown-key')),
  orders('a value of another type', 'exp: 300', 'exp: [300]', atPolicy('schema/type')),
  orders('a name that is no name', 'name: orders', 'name: Our Orders', atPolicy('schema/value')),
  orders('no name', 'name: orders\n', '', atPolicy('schema/required')),
  orders('a word that is none', 'location: header', 'location: heder', atPolicy('schema/enum')),
  orders('a bad expression', '#[attributes.method]', '#[attributes.]', atPolicy('expr/syntax')),
  orders(
    'an unknown function',
    '#[attributes.method]',
    '#[$nothing()]',
    atPolicy('expr/unknown-function'),
  ),
  orders(
    'an expression cut by a comment',
    '"#[attributes.method]"',
    '#[x]',
    atPolicy('yaml/comment'),
  ),
  orders('an unknown account', 'account: erp', 'account: epr', atPolicy('account/unknown')),
  orders(
    'an unknown route',
    'name: orders\n',
    'name: orders\nmatch: { route: al }\n',
    atPolicy('policy/unknown-route'),
  ),
  orders(
    'a variable that is not set',
    'exp: 300',
    `exp: 300\n  iss: "\${NOWHERE}"`,
    atPolicy('env/unset'),
  ),
  orders(
    'a header name with a space',
    'name: authorization',
    'name: "my auth"',
    atPolicy('schema/value'),
  ),
  orders(
    'an unprintable character',
    'aud: [https',
    'aud: ["\u0000", https',
    atPolicy('yaml/control'),
  ),
  whole('an empty policy file', POLICY, '', atPolicy('yaml/empty')),
  whole('a policy file of a comment', POLICY, '# later\n', atPolicy('yaml/empty')),
  whole('zero bytes', POLICY, new Uint8Array(512), atPolicy('yaml/control')),
  whole('binary', POLICY, Buffer.from([0xff, 0xfe, 0, 1, 2, 0x80]), atPolicy('file/encoding')),
  whole('a byte order mark and garbage', POLICY, '\ufeff%%%\n@@\n', atPolicy('yaml/directive')),
  whole(
    'a policy file that is too large',
    POLICY,
    `${ORDERS}#${'x'.repeat(1024 * 1024)}\n`,
    atPolicy('file/too-large'),
  ),
  whole(
    'one name in two files',
    'policies/billing.yaml',
    ORDERS,
    atPolicy('policy/duplicate-name'),
  ),
  whole(
    'one name in two documents',
    POLICY,
    `${ORDERS}---\n${ORDERS}`,
    atPolicy('policy/duplicate-name'),
  ),
  whole('a list in place of a policy', POLICY, '- name: orders\n', atPolicy('schema/type')),
  ...CUTS,
  whole('a key that is cut', KEY, cut(ERP, ERP.length / 2), atGateway('key/parse')),
  whole('an empty key', KEY, '', atGateway('key/missing')),
  whole('a key of another type', KEY, rsaKeys().pkcs8, atGateway('key/mismatch')),
  whole('a key of another curve', KEY, ecKeys('P-384').pkcs8, atGateway('key/mismatch')),
  whole('a weak secret', 'keys/shared.txt', 'secret', at('billing')('key/weak')),
  whole(
    'a gateway file without routes',
    GATEWAY,
    'policies: policies\n',
    atGateway('gateway/no-route'),
  ),
  whole(
    'a gateway file with an unknown key',
    GATEWAY,
    `${goodGateway}route: []\n`,
    atGateway('schema/unknown-key'),
  ),
  whole(
    'a gateway file that is cut',
    GATEWAY,
    cut(goodGateway, goodGateway.length - 20),
    atGateway('yaml/syntax'),
  ),
  whole(
    'an upstream that is no URL',
    GATEWAY,
    goodGateway.replace('http://', 'nowhere '),
    atGateway('schema/type'),
  ),
  inPlaceOf(KEY, 'nothing', () => {}, atGateway('key/missing')),
  inPlaceOf(KEY, 'a folder', (path) => mkdirSync(path), atGateway('key/unreadable')),
  inPlaceOf(
    KEY,
    'a pipe',
    (path) => void execFileSync('mkfifo', [path]),
    atGateway('key/unreadable'),
  ),
  inPlaceOf(GATEWAY, 'a folder', (path) => mkdirSync(path), atGateway('gateway/no-route')),
  inPlaceOf(
    POLICY,
    'a link in a circle',
    (path) => symlinkSync(path, path),
    /cannot read .*orders\.yaml/,
  ),
  inPlaceOf(
    POLICY,
    'a pipe',
    (path) => void execFileSync('mkfifo', [path]),
    /cannot read .*orders\.yaml/,
  ),
]
