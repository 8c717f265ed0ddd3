import type { Reason } from '../../../../src/authenticate/index.ts'
import { ecKeys, rsaKeys } from '../../../support/keys.ts'
import {
  CLAIMS,
  type ConfigName,
  claims,
  es256,
  hs256,
  ISSUER,
  jws,
  NOW,
  ps256,
  rawClaims,
  rs256,
  segment,
  tokenOfLength,
  withTrailingBits,
} from './inbound-token.ts'

/** A token that must be refused, and why. */
export interface HostileToken {
  readonly title: string
  readonly token: string
  readonly reason: Reason
  readonly field?: string
  readonly foreign?: true
  /** Which authenticator it is meant to deceive. Default `hs`. */
  readonly by?: ConfigName
}

type Rest = Partial<Pick<HostileToken, 'field' | 'foreign' | 'by'>>

const HS = { alg: 'HS256', typ: 'JWT' }
const RS = { alg: 'RS256', typ: 'JWT' }
const ES = { alg: 'ES256', typ: 'JWT' }

function row(title: string, reason: Reason, token: string, rest: Rest = {}): HostileToken {
  return { title, reason, token, ...rest }
}

/** A token whose signature and claims are as they should be. */
function withHeader(header: object | string): string {
  return jws(header, claims())
}

function withClaims(changes: Readonly<Record<string, unknown>>): string {
  return jws(HS, claims(changes))
}

const good = jws(HS, claims())
const [header = '', payload = '', signature = ''] = good.split('.')

function replaceByte(text: string, index: number): string {
  const bytes = Buffer.from(text, 'base64url')
  bytes[index] = (bytes.at(index) as number) ^ 1
  return bytes.toString('base64url')
}

const unsigned: HostileToken[] = [
  ...['none', 'None', 'NONE', 'nOnE', 'none ', '', 'hs256', 'HS256\0', 'HS512', 'HS256,none'].map(
    (alg) => row(`T096 alg ${JSON.stringify(alg)}`, 'algorithm', withHeader({ alg })),
  ),
  ...[null, ['HS256'], ['none'], { HS256: true }, 256, true].map((alg) =>
    row(`T096 alg ${JSON.stringify(alg)}`, 'algorithm', withHeader({ alg })),
  ),
  row('T096 no alg', 'algorithm', withHeader({ typ: 'JWT' })),
  row('T096 alg by another name', 'algorithm', withHeader({ Alg: 'HS256' })),
  row('T096 alg of a prototype', 'algorithm', withHeader('{"__proto__":{"alg":"HS256"}}')),
  row('T096 alg none without a signature', 'malformed', `${segment({ alg: 'none' })}.${payload}.`),
  row('T096 no signature', 'malformed', `${header}.${payload}.`),
  row('T096 two segments', 'malformed', `${header}.${payload}`),
  row('T096 alg none for public keys', 'algorithm', jws({ alg: 'none' }, claims()), { by: 'rs' }),
]

const publicKeyAsSecret: HostileToken[] = Object.entries({
  'PEM text': ISSUER.rsa.spki,
  'PEM text without its last line end': ISSUER.rsa.spki.trimEnd(),
  'PKCS#1 PEM': ISSUER.rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }),
  DER: ISSUER.rsa.publicKey.export({ type: 'spki', format: 'der' }),
  JWK: JSON.stringify(ISSUER.rsa.publicJwk),
  modulus: Buffer.from(ISSUER.rsa.publicJwk.n as string, 'base64url'),
}).flatMap(([form, secret]) => [
  row(
    `T097 a MAC whose secret is the public key as ${form}`,
    'algorithm',
    jws(HS, claims(), hs256(secret)),
    { by: 'rs' },
  ),
  row(
    `T097 a MAC that names the public key of a set, ${form}`,
    'unknown-key',
    jws({ ...HS, kid: 'rsa-1' }, claims(), hs256(secret)),
    { by: 'jwks' },
  ),
])

const otherSignatures: HostileToken[] = [
  row('T097 PS256 under alg RS256', 'signature', jws(RS, claims(), ps256()), { by: 'rs' }),
  row('T097 RS256 under alg PS256', 'signature', jws({ alg: 'PS256' }, claims(), rs256()), {
    by: 'rs',
  }),
  row('T097 RS512 where RS256 is listed', 'algorithm', jws({ alg: 'RS512' }, claims(), rs256()), {
    by: 'rs',
  }),
  row(
    'T097 an RSA signature that names the EC key',
    'unknown-key',
    jws({ ...RS, kid: 'ec-1' }, claims(), rs256()),
    { by: 'jwks' },
  ),
  row(
    'another RSA key',
    'signature',
    jws(RS, claims(), rs256(rsaKeys(2048, 'attacker').privateKey)),
    {
      by: 'rs',
    },
  ),
  row('another EC key', 'signature', jws(ES, claims(), es256(ecKeys('P-256', 'foe').privateKey)), {
    by: 'es',
  }),
  row('another secret', 'signature', jws(HS, claims(), hs256('x'.repeat(64)))),
  row(
    'a key of another entry of the set',
    'signature',
    jws({ ...RS, kid: 'rsa-1' }, claims(), rs256(rsaKeys(2048, 'attacker').privateKey)),
    { by: 'jwks' },
  ),
  row('ES256 in DER form', 'signature', jws(ES, claims(), es256(undefined, 'der')), { by: 'es' }),
  row(
    'ES256 of zeros',
    'signature',
    jws(ES, claims(), () => Buffer.alloc(64)),
    { by: 'es' },
  ),
  row(
    'ES256 of zeros in DER',
    'signature',
    jws(ES, claims(), () => Buffer.from('3006020100020100', 'hex')),
    {
      by: 'es',
    },
  ),
  row(
    'ES256 cut in half',
    'signature',
    jws(ES, claims(), (input) => es256()(input).subarray(0, 32)),
    {
      by: 'es',
    },
  ),
  row(
    'T106 a MAC wrong in its first byte',
    'signature',
    `${header}.${payload}.${replaceByte(signature, 0)}`,
  ),
  row(
    'T106 a MAC wrong in its last byte',
    'signature',
    `${header}.${payload}.${replaceByte(signature, 31)}`,
  ),
  row(
    'a MAC without its last byte',
    'signature',
    jws(HS, claims(), (input) => hs256()(input).subarray(0, 31)),
  ),
  row(
    'a MAC of one byte',
    'signature',
    jws(HS, claims(), () => Buffer.alloc(1)),
  ),
  row(
    'a MAC with a byte more',
    'signature',
    jws(HS, claims(), (input) => Buffer.concat([hs256()(input), Buffer.alloc(1)])),
  ),
  row(
    'the signature of another token',
    'signature',
    `${header}.${segment(claims({ loginname: 'root' }))}.${signature}`,
  ),
  row(
    'claims that would be refused under a wrong signature',
    'signature',
    jws(HS, claims({ exp: 1 }), hs256('x')),
  ),
]

const hostileHeaders: HostileToken[] = [
  ...[['exp'], [], ['alg'], ['b64'], 'exp', null, {}].map((crit) =>
    row(`T098 crit ${JSON.stringify(crit)}`, 'header', withHeader({ ...HS, crit, exp: 1 })),
  ),
  row('T098 b64 false', 'header', withHeader({ ...HS, b64: false })),
  row('T098 b64 false and crit', 'header', withHeader({ ...HS, b64: false, crit: ['b64'] })),
  row('T098 b64 true', 'header', withHeader({ ...HS, b64: true })),
  row('T105 zip', 'header', withHeader({ ...HS, zip: 'DEF' })),
  row('T105 enc', 'header', withHeader({ ...HS, enc: 'A256GCM' })),
  row(
    'T099 its own key',
    'header',
    jws(
      { ...RS, jwk: rsaKeys(2048, 'attacker').publicJwk },
      claims(),
      rs256(rsaKeys(2048, 'attacker').privateKey),
    ),
    { by: 'rs' },
  ),
  row(
    'T099 the right key',
    'header',
    jws({ ...RS, jwk: ISSUER.rsa.publicJwk }, claims(), rs256()),
    {
      by: 'rs',
    },
  ),
  row('T099 x5c', 'header', withHeader({ ...HS, x5c: ['MIIB'] })),
  row('T099 jku null', 'header', withHeader({ ...HS, jku: null })),
  ...[1, null, ['JWT'], {}].map((typ) =>
    row(`typ ${JSON.stringify(typ)}`, 'header', withHeader({ ...HS, typ })),
  ),
  ...[1, null, ['rsa-1'], { $ne: '' }, true].map((kid) =>
    row(`T100 kid ${JSON.stringify(kid)}`, 'header', withHeader({ ...HS, kid })),
  ),
  ...[
    '../../../../dev/null',
    '/proc/self/environ',
    "x' UNION SELECT 'secret' --",
    'rsa-1\0.pem',
    'RSA-1',
    '',
    '__proto__',
    'k'.repeat(10_000),
    'https://evil.example/jwks.json',
    '| id',
  ].map((kid) =>
    row(
      `T100 kid ${JSON.stringify(kid.slice(0, 30))}`,
      'unknown-key',
      jws({ ...RS, kid }, claims(), rs256()),
      { by: 'jwks' },
    ),
  ),
]

const wrongTexts: HostileToken[] = [
  ['1 character too long', tokenOfLength(16 * 1024 + 1)],
  ['1 MB', `${header}.${'A'.repeat(1_000_000)}.${signature}`],
  ['nothing', ''],
  ['dots', '..'],
  ['one segment', header],
  ['four segments', `${good}.${signature}`],
  ['a dot at the end', `${good}.`],
  ['a dot at the start', `.${good}`],
  ['an empty header', `.${payload}.${signature}`],
  ['a detached or empty payload', jws(HS, '', () => hs256()(`${header}.${payload}`))],
  ['five segments, as an encrypted token', `${header}.AA.AA.${payload}.AA`],
  ['flattened JSON', JSON.stringify({ protected: header, payload, signature })],
  ['general JSON', JSON.stringify({ payload, signatures: [{ protected: header, signature }] })],
  ['padding', `${header}.${payload}.${signature}=`],
  ['the other alphabet', `${header}.${payload}.${signature.slice(0, -2)}+/`],
  ['a space inside', `${header}. ${payload}.${signature}`],
  ['a space at the end', `${good} `],
  ['a line end', `${good}\n`],
  ['a tab', `${header}.\t${payload}.${signature}`],
  ['NUL', `${good}\0`],
  ['a letter beyond ASCII', `${good.slice(0, -1)}é`],
  ['a full-width dot', `${header}．${payload}.${signature}`],
  ['percent-encoding', good.replace('.', '%2E')],
  ['two tokens', `${good},${good}`],
  ['quotes', `"${good}"`],
  ['its scheme twice', `Bearer ${good}`],
  ['other trailing bits in the signature', `${header}.${payload}.${withTrailingBits(signature)}`],
  ['a segment of one character too many', `${header}.${payload}A.${signature}`],
].map(([title, token]) => row(`T104 ${title}`, 'malformed', token as string))

const trailingBits = (() => {
  const spared = segment({ ...HS, typ: 'JW' })
  const written = withTrailingBits(spared)
  const input = `${written}.${payload}`
  return row(
    'T104 other trailing bits in the header',
    'malformed',
    `${input}.${segment(hs256()(input))}`,
  )
})()

const deep = `${'['.repeat(100)}${']'.repeat(100)}`

const wrongJson: HostileToken[] = [
  row('alg twice', 'malformed', withHeader('{"alg":"HS256","alg":"HS256"}')),
  row('alg twice, none first', 'malformed', withHeader('{"alg":"none","alg":"HS256"}')),
  row('alg twice in two spellings', 'malformed', withHeader('{"alg":"HS256","\\u0061lg":"none"}')),
  row(
    'a header member twice, nested',
    'malformed',
    withHeader('{"alg":"HS256","x":{"a":1,"a":2}}'),
  ),
  row('exp twice', 'malformed', jws(HS, rawClaims('"exp":1'))),
  row(
    'the user twice in two spellings',
    'malformed',
    jws(HS, rawClaims('"\\u006Coginname":"root"')),
  ),
  row('a member twice, nested', 'malformed', jws(HS, rawClaims('"a":[{"b":{"c":1,"c":1}}]'))),
  row('__proto__ twice', 'malformed', jws(HS, rawClaims('"__proto__":{},"__proto__":{}'))),
  row('deep nesting in the payload', 'malformed', jws(HS, rawClaims(`"a":${deep}`))),
  row('deep nesting in the header', 'malformed', withHeader(`{"alg":"HS256","a":${deep}}`)),
  row('a byte order mark', 'malformed', jws(HS, `\ufeff${JSON.stringify(CLAIMS)}`)),
  row('a byte order mark in the header', 'malformed', withHeader('\ufeff{"alg":"HS256"}')),
  row(
    'other bytes than UTF-8',
    'malformed',
    jws(HS, Buffer.from(rawClaims('"a":"\xe9"'), 'latin1')),
  ),
  row('an overlong form', 'malformed', jws(HS, Buffer.from(rawClaims('"a":"\xc0\xaf"'), 'latin1'))),
  row('UTF-16', 'malformed', jws(HS, Buffer.from(JSON.stringify(CLAIMS), 'utf16le'))),
  row('half a surrogate pair', 'malformed', jws(HS, rawClaims('"a":"\\ud800"'))),
  row('half a surrogate pair in a name', 'malformed', jws(HS, rawClaims('"\\udc00":1'))),
  row('a payload that is an array', 'malformed', jws(HS, [CLAIMS])),
  row('a payload that is text', 'malformed', jws(HS, '"ann"')),
  row('a payload that is a number', 'malformed', jws(HS, 7)),
  row('a payload that is null', 'malformed', jws(HS, null)),
  row('a header that is an array', 'malformed', jws([HS], claims())),
  row('text behind the claims', 'malformed', jws(HS, `${JSON.stringify(CLAIMS)}{}`)),
  row('claims cut off', 'malformed', jws(HS, JSON.stringify(CLAIMS).slice(0, -1))),
  row('a comment', 'malformed', jws(HS, rawClaims('/**/"a":1'))),
  row('NaN', 'malformed', jws(HS, rawClaims('"a":NaN'))),
  row('a nested token', 'malformed', jws({ ...HS, cty: 'JWT' }, good)),
]

const times: HostileToken[] = [
  row('no exp', 'missing-field', withClaims({ exp: undefined }), { field: 'exp' }),
  ...[`${NOW + 300}`, null, [NOW + 300], true, {}].map((exp) =>
    row(`exp ${JSON.stringify(exp)}`, 'claim-type', withClaims({ exp }), { field: 'exp' }),
  ),
  ...['1e400', '-1e400', '9'.repeat(400)].map((exp) =>
    row(
      `exp ${exp.slice(0, 10)}`,
      'claim-type',
      jws(HS, rawClaims(`"exp":${exp}`, { exp: undefined })),
      { field: 'exp' },
    ),
  ),
  row(
    'exp of a prototype',
    'missing-field',
    jws(HS, rawClaims('"__proto__":{"exp":9e9}', { exp: undefined })),
    {
      field: 'exp',
    },
  ),
  ...[NOW, NOW - 1, NOW - 0.25, 0, -1, -9e15].map((exp) =>
    row(`exp ${exp - NOW} from now`, 'expired', withClaims({ exp })),
  ),
  row('nbf in the future', 'not-yet-valid', withClaims({ nbf: NOW + 1 })),
  row('nbf a fraction ahead', 'not-yet-valid', withClaims({ nbf: NOW + 0.5 })),
  row('iat in the future', 'not-yet-valid', withClaims({ iat: NOW + 1 })),
  row('iat a day ago', 'too-old', withClaims({ iat: NOW - 86_401 })),
  row('iat below zero', 'too-old', withClaims({ iat: -1 })),
  ...['nbf', 'iat'].flatMap((name) =>
    [`${NOW - 1}`, null, [NOW], false].map((value) =>
      row(`${name} ${JSON.stringify(value)}`, 'claim-type', withClaims({ [name]: value }), {
        field: name,
      }),
    ),
  ),
  row('nbf 1e400', 'claim-type', jws(HS, rawClaims('"nbf":1e400')), { field: 'nbf' }),
].map((token) => ({ ...token, title: `T103 ${token.title}` }))

const parties: HostileToken[] = [
  ...['order', 'orders ', 'Orders', 'orders,admin', '', 'https://orders'].map((aud) =>
    row(`aud ${JSON.stringify(aud)}`, 'audience', withClaims({ aud })),
  ),
  row('no aud', 'audience', withClaims({ aud: undefined })),
  row('an empty aud', 'audience', withClaims({ aud: [] })),
  row('aud of others', 'audience', withClaims({ aud: ['billing', 'order'] })),
  ...[7, null, ['orders', 7], [['orders']], { orders: true }].map((aud) =>
    row(`aud ${JSON.stringify(aud)}`, 'claim-type', withClaims({ aud }), { field: 'aud' }),
  ),
  ...['https://idp.example.com/', 'https://IDP.example.com', 'http://idp.example.com', ''].map(
    (iss) => row(`iss ${JSON.stringify(iss)}`, 'issuer', withClaims({ iss }), { foreign: true }),
  ),
  row('no iss', 'issuer', withClaims({ iss: undefined })),
  ...[7, null, [CLAIMS.iss]].map((iss) =>
    row(`iss ${JSON.stringify(iss)}`, 'claim-type', withClaims({ iss }), { field: 'iss' }),
  ),
  row('no user', 'missing-field', withClaims({ loginname: undefined }), { field: 'loginname' }),
  ...[7, null, '', ['ann'], { name: 'ann' }, true].map((loginname) =>
    row(`a user of ${JSON.stringify(loginname)}`, 'missing-field', withClaims({ loginname }), {
      field: 'loginname',
    }),
  ),
  row(
    'a user of a prototype',
    'missing-field',
    jws(HS, rawClaims('"__proto__":{"loginname":"ann"}', { loginname: undefined })),
    { field: 'loginname' },
  ),
].map((token) => ({ ...token, title: `T103 ${token.title}` }))

/** Tokens that must be refused, each for one fault only. */
export const hostileTokens: readonly HostileToken[] = [
  ...unsigned,
  ...publicKeyAsSecret,
  ...otherSignatures,
  ...hostileHeaders,
  ...wrongTexts,
  trailingBits,
  ...wrongJson,
  ...times,
  ...parties,
]
