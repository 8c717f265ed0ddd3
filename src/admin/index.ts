export { type AdminSource, createAdmin } from './admin.ts'
export { createManagement, type ManagementSource, management } from './management.ts'
