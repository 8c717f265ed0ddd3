import { z } from 'zod'
import { ADDRESS_FORM, type Address, parseAddress } from '../address.ts'

/** `HOST:PORT`, as an `Address`. */
export const addressSchema = z
  .string()
  .regex(ADDRESS_FORM, { error: 'expected HOST:PORT', abort: true })
  .transform((text, context): Address => {
    const parsed = parseAddress(text)
    if (parsed) return parsed
    context.addIssue({ code: 'custom', message: 'expected a port of at most 65535' })
    return z.NEVER
  })
