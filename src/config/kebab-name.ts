/** A name as policies, routes and accounts have it, made of any text: `Billing API (v2)` gives `billing-api-v2`. */
export function kebabName(text: string, fallback: string): string {
  const words = text
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-')
    .toLowerCase()
    .match(/[a-z0-9]+/g)
  return words?.join('-') ?? fallback
}

/** Gives each name once: a number is added from the second on. */
export function createNames(): (name: string) => string {
  const taken = new Set<string>()
  return (name) => {
    let free = name
    for (let number = 2; taken.has(free); number += 1) free = `${name}-${number}`
    taken.add(free)
    return free
  }
}
