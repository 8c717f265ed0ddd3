import { DataWeaveError, type FlexValue, translateFlexValue } from '../../expression/index.ts'
import type { Fault } from '../../kind.ts'

/** Translates a text of a Flex file; `report` is told its notices, or why it has no translation. */
export function translateText(text: string, report: (fault: Fault) => void): FlexValue | undefined {
  try {
    const value = translateFlexValue(text)
    for (const notice of value.notices) {
      report({ severity: 'notice', rule: 'flex/translated', ...notice })
    }
    return value
  } catch (error) {
    if (!(error instanceof DataWeaveError)) throw error
    const { message, offset, length, hint } = error
    report({ severity: 'error', rule: 'flex/expression', message, offset, length, hint })
    return undefined
  }
}
