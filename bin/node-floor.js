// Plain, old syntax: this is what a Node that is too old has to understand.

/**
 * Says why a version of Node (`process.versions.node`) will not do; undefined when it will. The floor is
 * `engines` of package.json: older versions cut off header fields past the 1000th silently.
 *
 * @param {string} version
 * @returns {string | undefined}
 */
export function nodeFault(version) {
  const [major, minor, patch] = version.split('.').map(Number)
  const supported =
    (major === 24 && (minor > 18 || (minor === 18 && patch >= 1))) ||
    (major === 26 && (minor > 5 || (minor === 5 && patch >= 1))) ||
    major > 26
  if (supported) return undefined
  return `countersign needs Node.js 24.18.1 or later in the 24 line, or 26.5.1 or later; this is ${version}`
}
