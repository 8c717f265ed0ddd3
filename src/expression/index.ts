export {
  DataWeaveError,
  type FlexValue,
  type Notice,
  type Translation,
  translateDataWeave,
  translateFlexValue,
} from './dataweave/index.ts'
export { literalText } from './literal-text.ts'
export { compilePattern } from './pattern.ts'
export { type Root, TOKEN_ROOTS } from './roots.ts'
export { ExpressionSyntaxError } from './syntax-error.ts'
export { type Encode, parseTemplate, type Template } from './template.ts'
