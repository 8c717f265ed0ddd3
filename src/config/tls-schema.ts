import { z } from 'zod'

/** The least version of TLS where none is written, whatever Node was started with. */
export const MIN_VERSION = 'TLSv1.2'

/** `minVersion` of a `tls` block. */
export const minVersionSchema = z
  .enum(['TLSv1.2', 'TLSv1.3'])
  .optional()
  .describe(`Least version of TLS. Default ${MIN_VERSION}.`)
