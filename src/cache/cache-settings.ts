import { z } from 'zod'

/** Bounds of a cache that says nothing else. */
export const BOUNDS = { maxEntries: 10_000, maxBytes: 64 * 1024 * 1024 } as const

/** How long tokens are kept, and how many. */
export const cacheShape = {
  ttl: z
    .int()
    .positive()
    .optional()
    .describe(
      'Seconds after which a token is made anew. Default: until shortly before it expires.',
    ),
  refreshAhead: z
    .int()
    .nonnegative()
    .optional()
    .describe(
      'Seconds before its end at which a token in use is renewed in the background; 0: never. Default: 20 % of its time, at most 60.',
    ),
  maxEntries: z.int().positive().optional().describe('Most tokens kept. Default 10,000.'),
  maxBytes: z.int().positive().optional().describe('Most bytes of tokens kept. Default 64 MiB.'),
}

/** `ttl`, `refreshAhead` in seconds; bounds in entries and bytes. */
export type CacheSettings = z.infer<z.ZodObject<typeof cacheShape>>
