/** Looks for secrets in text, in every spelling in which they could leave. */
export interface LeakScan {
  /** Keeps a secret by a name that may be told. */
  hide(name: string, secret: string | Uint8Array): void
  /** Keeps what makes a token secret: its claims and its signature, each alone too. */
  hideToken(name: string, token: string): void
  /**
   * Names of the secrets of which `text` holds at least 16 characters in a row, or all when they are shorter: plain,
   * in base64 and base64url at any offset, in hex, percent-encoded, JSON-escaped, or backwards.
   */
  leaksIn(text: string): readonly string[]
}

/** Characters in a row that no text holds by chance. */
const WINDOW = 16

/** A scan that knows no secret yet. */
export function createLeakScan(): LeakScan {
  const windows = new Map<string, string>()
  const short = new Map<string, string>()

  function keep(name: string, spelling: string): void {
    if (spelling.length < WINDOW) short.set(spelling, name)
    for (let at = 0; at + WINDOW <= spelling.length; at += 1) {
      windows.set(spelling.slice(at, at + WINDOW), name)
    }
  }
  function hide(name: string, secret: string | Uint8Array): void {
    if (secret.length < 8) throw new Error(`expected ${name} to be long enough to be found`)
    for (const spelling of spellings(secret)) {
      keep(name, spelling)
      keep(name, [...spelling].reverse().join(''))
    }
  }
  return {
    hide,
    hideToken(name, token) {
      // the header of a token says nothing that its policy does not
      const [, ...secrets] = token.split('.')
      for (const secret of secrets.filter((segment) => segment.length >= 8)) hide(name, secret)
    },
    leaksIn(text) {
      const found = new Set<string>()
      for (const [spelling, name] of short) if (text.includes(spelling)) found.add(name)
      for (let at = 0; at + WINDOW <= text.length; at += 1) {
        const name = windows.get(text.slice(at, at + WINDOW))
        if (name !== undefined) found.add(name)
      }
      return [...found].toSorted()
    },
  }
}

function spellings(secret: string | Uint8Array): ReadonlySet<string> {
  const bytes = Buffer.from(secret)
  const hex = bytes.toString('hex')
  const encoded = [
    hex,
    hex.toUpperCase(),
    ...base64At(bytes, 'base64'),
    ...base64At(bytes, 'base64url'),
  ]
  if (typeof secret !== 'string') return new Set(encoded)
  const escaped = JSON.stringify(secret).slice(1, -1)
  return new Set([secret, encodeURIComponent(secret), escaped, ...encoded])
}

/** The characters that stand for nothing but `bytes`, whatever stands before and after them. */
function base64At(bytes: Buffer, encoding: 'base64' | 'base64url'): string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString(encoding)
    const end = Math.floor(((before + bytes.length) * 8) / 6)
    return whole.slice(Math.ceil((before * 8) / 6), end)
  })
}
