/** Visits the fields of a raw list: names and values by turns, as `IncomingMessage.rawHeaders` has them. */
export function eachField(
  rawHeaders: readonly string[],
  visit: (name: string, value: string) => void,
): void {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    visit(rawHeaders[index] as string, rawHeaders[index + 1] as string)
  }
}
