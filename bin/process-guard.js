/**
 * Closes the doors by which a signal makes this process show its memory, and with it the keys: the inspector that
 * SIGUSR1 opens, and what `--heapsnapshot-signal` and `--report-on-signal` have bound. Such a signal means nothing
 * any more. Reports that are written all the same leave out the environment. To be called before anything else binds
 * a signal.
 */
export function guardProcess() {
  const kept = new Set(['SIGTERM', 'SIGINT', 'SIGHUP'])
  const bound = process.eventNames().filter((name) => /^SIG/.test(String(name)) && !kept.has(name))
  for (const signal of new Set([...bound, 'SIGUSR1'])) {
    process.removeAllListeners(signal)
    process.on(signal, () => {})
  }
  process.report.reportOnSignal = false
  process.report.excludeEnv = true
}

/**
 * Says why the address that the inspector listens on, `inspector.url()`, will not do; undefined when it will, or
 * there is none.
 *
 * @param {string | undefined} url
 * @returns {string | undefined}
 */
export function inspectorFault(url) {
  if (url === undefined) return undefined
  const { hostname } = new URL(url)
  if (/^(?:127(?:\.\d+){3}|\[::1\]|localhost)$/.test(hostname)) return undefined
  return `countersign does not start with its inspector on ${hostname}, where others than this machine may read its keys: use --inspect=127.0.0.1`
}
