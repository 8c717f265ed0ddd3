import type { ServerResponse } from 'node:http'

/** Sends the head of a response with these fields before there is a body. */
export function flushHead(response: ServerResponse, headers: readonly string[]): void {
  // `flushHeaders` writes octets beyond ASCII in UTF-8
  if (headers.some(hasOctets)) response.write('', 'latin1')
  else response.flushHeaders()
}

function hasOctets(text: string): boolean {
  return /[\x80-\xff]/.test(text)
}
