export { ExpressionSyntaxError } from './syntax-error.ts'
export { parseTemplate, type Template } from './template.ts'
