/** A file or folder that cannot be looked at; the command line ends with 2. */
export class UnreadableError extends Error {
  readonly path: string
  /** As `Environment.readFile` names it: `ENOENT`, `EACCES`; `ELOOP` for a folder within itself. */
  readonly code: string

  constructor(path: string, code: string, options?: ErrorOptions) {
    super(`cannot read ${path}: ${REASONS[code] ?? code}`, options)
    this.name = 'UnreadableError'
    this.path = path
    this.code = code
  }
}

/** Why a file could not be read, in words. */
export function reasonOf(error: unknown): string {
  const { code = 'unknown' } = error as NodeJS.ErrnoException
  return REASONS[code] ?? code
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'not a folder',
  EISDIR: 'expected a regular file',
  ENOTREG: 'expected a regular file',
  EBUSY: 'it is being written',
  EFBIG: 'the file is too large',
  ELOOP: 'the links lead in a circle',
}

/** What `read` gives for the file or folder at `path`; throws `UnreadableError` in place of what it throws. */
export async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof UnreadableError) throw error
    const code = (error as NodeJS.ErrnoException).code
    throw new UnreadableError(path, code ?? 'unknown', { cause: error })
  }
}
