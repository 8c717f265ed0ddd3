/** The `code` of the error that `run` throws or rejects with; `none` when it does not. */
export async function errorCode(run: () => unknown): Promise<unknown> {
  try {
    await run()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
  return 'none'
}
