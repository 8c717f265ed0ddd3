import { CountersignError } from '../errors.ts'

/** What a line says of an error besides its message. */
export function errorFields(error: CountersignError) {
  return { 'error.type': error.code, ...error.place, 'error.cause': causeOf(error) }
}

/** Name and code of what lies beneath our own errors; its text may hold a value. */
function causeOf({ cause }: CountersignError): string | undefined {
  if (cause instanceof CountersignError) return causeOf(cause)
  if (!(cause instanceof Error)) return undefined
  const { name, code } = cause as NodeJS.ErrnoException
  return typeof code === 'string' ? `${name} ${code}` : name
}
