import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** What is said on the wire to upstreams, with undici in place of our own client. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], reporters: [] } },
  defineConfig({
    resolve: {
      alias: {
        './http1/connection.ts': new URL('test/support/through-undici.ts', import.meta.url)
          .pathname,
      },
    },
    test: {
      include: [
        'test/undici/*.spec.ts',
        'test/proxy/**/*.test.ts',
        'test/invariants/**/*.test.ts',
        'test/fuzz/*.test.ts',
        'test/unit/forward/{pool,pools,relay,relay-streams,upstream-address}.test.ts',
      ],
      reporters: ['default', ['json', { outputFile: 'test-results/undici.json' }]],
    },
  }),
)
