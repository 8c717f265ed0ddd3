import { onTestFinished } from 'vitest'

/** Has `clean` run when the test has finished; outside a test the caller cleans up. */
export function afterThisTest(clean: () => unknown): void {
  try {
    onTestFinished(async () => void (await clean()))
  } catch {
    // Outside a test vitest refuses the hook.
  }
}
