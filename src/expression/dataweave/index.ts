export { DataWeaveError } from './dataweave-error.ts'
export { type FlexValue, translateFlexValue } from './flex-value.ts'
export type { Notice } from './notice.ts'
export { type Translation, translateDataWeave } from './translate.ts'
