/** True when eight characters in a row of what is long enough to be a secret in the material stand in the text. */
export function leaks(material: string, text: string): boolean {
  // The PEM lines are no secret, and messages speak of them.
  const secrets = material.replace(/-----[A-Z ]+(?:-----)?/g, '\n').match(/[\w+/=-]{16,}/g) ?? []
  return secrets.some((run) => {
    for (let at = 0; at + 8 <= run.length; at++) {
      if (text.includes(run.slice(at, at + 8))) return true
    }
    return false
  })
}
