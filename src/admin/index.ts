export { type AdminSource, createAdmin } from './admin.ts'
export type { JwksSource } from './jwks-routes.ts'
export { createManagement, type ManagementSource, management } from './management.ts'
