import fc from 'fast-check'

/** Words of the file formats: keys, kinds, settings. */
export const WORDS = [
  ...[
    'name',
    'match',
    'path',
    'jwt',
    'signingMethod',
    'privateKey',
    'exp',
    'iat',
    'nbf',
    'sub',
    'aud',
    'customClaims',
    'customHeaders',
  ],
  ...[
    'inject',
    'location',
    'value',
    'type',
    'onMissing',
    'overwrite',
    'when',
    'cache',
    'ttl',
    'keys',
    'use',
    'encrypt',
    'account',
    'saveAs',
  ],
  ...[
    'env',
    'file',
    'jwk',
    'jwks',
    'kid',
    'passphrase',
    'field',
    'HS256',
    'ES256',
    'RS512',
    'EdDSA',
    'header',
    'query',
    'body',
    'cookie',
  ],
  ...[
    'routes',
    'upstream',
    'url',
    'authenticate',
    'authenticators',
    'accounts',
    'caches',
    'vars',
    'listen',
    'tls',
    'limits',
    'timeouts',
  ],
  ...[
    'policyRef',
    'jwt-generation-flex',
    'config',
    'ApiInstance',
    'kind',
    'spec',
    'policies',
    'metadata',
    'apiVersion',
  ],
]

const scalars = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.constantFrom<unknown>(
    true,
    false,
    null,
    0,
    -1,
    300,
    1.5,
    1e21,
    '',
    ' ',
    '300s',
    '/a',
    'a-b',
    'http://localhost:1',
    '127.0.0.1:0',
  ),
  fc.constantFrom<unknown>(
    '#[1]',
    '#[attributes.method]',
    '#[',
    '#[]',
    `\${GOLDEN_HS256}`,
    `\${X:-y}`,
    '${',
    '$$',
    '__proto__',
    '\u0000',
    '\u2028',
    'é',
  ),
  fc.constantFrom<unknown>(
    '#[attributes.headers.`x-user`]',
    '#[$eval(1)]',
    '#[payload.a & vars.b]',
    'keys/hs256.base64',
    'GOLDEN_ES256',
  ),
)

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: scalars },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    {
      weight: 3,
      arbitrary: fc.dictionary(fc.constantFrom(...WORDS, '__proto__', 'a.b', ''), tie('value'), {
        maxKeys: 5,
      }),
    },
  ),
}))

/** Documents with words of the file formats in any place, as JSON, which is YAML too. */
export const documents: fc.Arbitrary<string> = fc
  .dictionary(fc.constantFrom(...WORDS), value, { minKeys: 1, maxKeys: 6 })
  .map((document) => JSON.stringify(document, null, 1))
