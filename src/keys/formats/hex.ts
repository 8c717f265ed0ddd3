/** The bytes of hexadecimal text of whole bytes, undefined for any other text. White space is passed over. */
export function decodeHex(text: string): Buffer | undefined {
  const digits = text.replace(/\s+/g, '')
  return /^(?:[0-9a-fA-F]{2})+$/.test(digits) ? Buffer.from(digits, 'hex') : undefined
}
