type Undici = typeof import('undici')

let loaded: Undici | undefined

/** Calls `use` with undici, at once when it has been loaded: it takes a while, and only HTTP/2 needs it. */
export function withUndici(use: (undici: Undici) => void): void {
  if (loaded) {
    use(loaded)
    return
  }
  import('undici').then((undici) => {
    loaded = undici
    use(undici)
  })
}
