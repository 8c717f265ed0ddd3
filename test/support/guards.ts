/** What is taken out of the source, and the tests that must notice. */
export interface Guard {
  readonly file: string
  readonly text: string
  readonly replacement: string
  readonly tests: string
}

const OUTGOING = { file: 'src/http/outgoing-headers.ts', tests: 'test/unit/http/outgoing-headers' }
const TARGET = { file: 'src/http/target.ts', tests: 'test/unit/http/target' }
const CLAIMS = {
  file: 'src/authenticate/jwt/claims-check.ts',
  tests: 'test/unit/authenticate/jwt/claims-check',
}

/** By what they are. */
export const GUARDS: Readonly<Record<string, Guard>> = {
  'the removal of hop-by-hop fields': {
    ...OUTGOING,
    text: "if (HOP_BY_HOP.has(folded) || folded === 'expect') return 'ends'",
    replacement: '',
  },
  'the removal of aliases of what we set': {
    file: 'src/header-name.ts',
    text: "return lower.replace(/[^a-z0-9]+/g, '_').replace(/^_|_$/g, '')",
    replacement: 'return lower',
    tests: 'test/unit/header-name',
  },
  'the removal of stale digests of a body': {
    ...OUTGOING,
    text: 'names.push(...DIGESTS)',
    replacement: 'return names',
  },
  'the refusal of a nominated credential': {
    file: 'src/http/header-rules.ts',
    text: 'if (NEVER_NOMINATED.has(name) || holders.some((holder) => holds(holder, name, headers))) {',
    replacement: 'if (NEVER_NOMINATED.has(name)) {',
    tests: 'test/unit/http/header-rules',
  },
  'the check of the framing': {
    file: 'src/http/head.ts',
    text: "const codings = linesOf(headers, 'transfer-encoding')",
    replacement: 'const codings: string[] = []',
    tests: 'test/unit/http/head',
  },
  'the refusal of dot segments': {
    ...TARGET,
    text: "if (name === '.' || name === '..' || (name === '' && !trailing)) {",
    replacement: "if (name === '' && !trailing) {",
  },
  'the refusal of encoded separators': {
    ...TARGET,
    text: "if (path.includes('%')) checkTriplets(path)",
    replacement: '',
  },
  'the limit of a body': {
    file: 'src/http/body.ts',
    text: 'if (length > limit) throw tooLarge(limit)',
    replacement: '',
    tests: 'test/unit/http/body',
  },
  'the limit of a token': {
    file: 'src/inject/sendable.ts',
    text: 'if (text.length > MAX_BYTES) {',
    replacement: 'if (text.length < 0) {',
    tests: 'test/unit/inject/placements',
  },
  'the refusal of line breaks in a value': {
    file: 'src/inject/sendable.ts',
    text: "if (!/^[\\x20-\\x7e]+$/.test(text) || text.startsWith(' ') || text.endsWith(' ')) {",
    replacement: "if (text.startsWith(' ') || text.endsWith(' ')) {",
    tests: 'test/unit/inject/placements',
  },
  'the failure of a request without an applied policy': {
    file: 'src/decision.ts',
    text: "route.unmatched === 'reject' && !results",
    replacement: "route.unmatched === 'forward' && !results",
    tests: 'test/proxy/when',
  },
  'the redaction of a secret': {
    file: 'src/secret.ts',
    text: 'toJSON(): string {\n    return REDACTED',
    replacement: 'toJSON(): string {\n    return this.#value',
    tests: 'test/unit/secret',
  },
  'the claims in the key of a cached token': {
    file: 'src/credentials/jwt-source.ts',
    text: 'tokenKey(areClaimsAlone ? claims : [header, times, claims])',
    replacement: 'tokenKey([header, times])',
    tests: 'test/unit/credentials/threats',
  },
  'the line in front of the thread pool': {
    file: 'src/keys/thread-pool.ts',
    text: 'if (running < atOnce) begin(start)',
    replacement: 'if (running < Number.POSITIVE_INFINITY) begin(start)',
    tests: 'test/unit/keys/thread-pool',
  },
  'the way of RSA to the thread pool': {
    file: 'src/keys/signer.ts',
    text: 'if (threadPool) {',
    replacement: 'if (!threadPool) {',
    tests: 'test/unit/keys/thread-pool',
  },
  'the end of a cached token': {
    file: 'src/cache/lifetime.ts',
    text: 'return expiresAt - Math.min(life * MARGIN.share, MARGIN.most)',
    replacement: 'return expiresAt + life',
    tests: 'test/unit/cache/lifetime',
  },
  'the look at both clocks': {
    file: 'src/cache/clocks.ts',
    text: 'if (Math.abs(wall - monotonic) > TOLERATED_STEP)',
    replacement: 'if (Math.abs(wall - monotonic) < 0)',
    tests: 'test/unit/cache/clocks',
  },
  'the refusal of $eval': {
    file: 'src/expression/lint.ts',
    text: "if (name === 'eval') {",
    replacement: "if (name === '') {",
    tests: 'test/unit/expression/threats',
  },
  'the limit of characters that a function makes': {
    file: 'src/expression/meter.ts',
    text: 'if (length > limits.text) throw',
    replacement: 'if (length < 0) throw',
    tests: 'test/unit/expression/runaway',
  },
  'the refusal of a weak secret': {
    file: 'src/keys/check-key.ts',
    text: "if (bytes.length < minimum && guess?.severity !== 'error') {",
    replacement: "if (bytes.length < 0 && guess?.severity !== 'error') {",
    tests: 'test/unit/keys/refusals',
  },
  'the choice of what leaves of a JWK': {
    file: 'src/keys/public-jwk.ts',
    text: "EC: ['crv', 'x', 'y'],",
    replacement: "EC: ['crv', 'x', 'y', 'd'],",
    tests: 'test/unit/keys/jwks',
  },
  'the fixed algorithm of an inbound token': {
    file: 'src/authenticate/jwt/header-check.ts',
    text: 'const alg = algorithms.find((name) => name === header.alg)',
    replacement: 'const alg = header.alg as AlgorithmName',
    tests: 'test/unit/authenticate/jwt/hostile',
  },
  'the expiry of an inbound token': {
    ...CLAIMS,
    text: "if (now >= exp + tolerance) return { reason: 'expired' }",
    replacement: '',
  },
  'the refusal of anchors and aliases in YAML': {
    file: 'src/config/yaml/yaml-stream.ts',
    text: "if (type === 'alias') refuse('yaml/alias', 'expected no alias', 'write the value out')",
    replacement: '',
    tests: 'test/unit/config/yaml/document',
  },
  'the silence of a finding about what looks like a key': {
    file: 'src/config/yaml/source-text.ts',
    text: '!holdsKey(shown) &&',
    replacement: '',
    tests: 'test/unit/config/secrets',
  },
  'the circuit breaker': {
    file: 'src/forward/breaker.ts',
    text: 'if (isAway || isSilent) open()',
    replacement: '',
    tests: 'test/unit/forward/breaker',
  },
  'the rule of what is sent twice': {
    file: 'src/forward/repeat.ts',
    text: 'if (isSingleUse || body !== null || !IDEMPOTENT.has(method)) return false',
    replacement: '',
    tests: 'test/unit/forward/repeat',
  },
  'the removal of a reflected credential': {
    file: 'src/forward/without-credentials.ts',
    text: '|| !holds(value)) {',
    replacement: '|| !WITH_URL.has(folded)) {',
    tests: 'test/unit/forward/without-credentials',
  },
}
