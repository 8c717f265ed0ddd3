/** Stands in for our own client in `vitest.undici.config.ts`: HTTP/1.1 is spoken by undici there. */
export { createUndiciConnection as createHttp1Connection } from '../../src/forward/undici/connection.ts'
