export {
  createManagement,
  type JwksSource,
  type ManagementSource,
  management,
} from './admin/index.ts'
export type * from './compiled.ts'
export {
  ConfigurationError,
  type Diagnostic,
  formatDiagnostic,
  type Listeners,
  type Loaded,
  type LoadOptions,
  loadConfiguration,
  type OpenGateway,
  type OpenOptions,
  openGateway,
  UnreadableError,
} from './config/index.ts'
export { type Decision, decide, type IncomingRequest } from './decision.ts'
export { type Environment, systemEnvironment } from './environment.ts'
export { CountersignError, type ErrorCode, type ErrorPlace, STATUS } from './errors.ts'
export { createGateway } from './gateway.ts'
export { createStandalone, type Standalone, type StandaloneOptions } from './hosts/index.ts'
export { createLog, type LogOptions } from './log.ts'
export { createMetrics, type Metrics, type MetricsOptions } from './metrics.ts'
export type * from './observe.ts'
export { observeAll } from './observe.ts'
export type { Plan } from './plan.ts'
export { Secret } from './secret.ts'
export type * from './types.ts'
