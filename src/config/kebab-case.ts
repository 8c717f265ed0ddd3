import { z } from 'zod'

/** A name as files give one to policies, accounts and caches: `orders-api`. */
export const kebabCase = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'expected kebab-case: lower-case words joined by "-"')
