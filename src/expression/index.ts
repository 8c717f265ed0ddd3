export { type Root, TOKEN_ROOTS } from './roots.ts'
export { ExpressionSyntaxError } from './syntax-error.ts'
export { type Encode, parseTemplate, type Template } from './template.ts'
