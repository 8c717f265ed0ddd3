import { DataWeaveError, translateDataWeave } from '../../../../src/expression/index.ts'

/** The error of translating the text inside `#[ ]`; anything else that is thrown passes through. */
export function refusal(text: string): DataWeaveError {
  try {
    translateDataWeave(text)
  } catch (error) {
    if (error instanceof DataWeaveError) return error
    throw error
  }
  throw new Error(`expected a refusal of ${text}`)
}
