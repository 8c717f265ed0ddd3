export { type FlexApi, flexApis } from './apis.ts'
export { type FlexContent, readFlex } from './content.ts'
export { type FlexOriginal, type FlexPolicy, flexPolicies } from './policies.ts'
export { isFlex } from './recognise.ts'
