import { defineConfig } from 'vitest/config'

// The unit tests that mutants are held against: see stryker.config.json. Left out are those that run random or
// thousands of cases: they would take hours, once for each mutant.
export default defineConfig({
  test: {
    include: [
      'test/unit/{http,inject,forward,expression,claims,credentials}/**/*.test.ts',
      'test/unit/secret.test.ts',
    ],
    exclude: ['**/{jsonata-suite,runaway,meaning}.test.ts'],
    testTimeout: 5000,
    isolate: false,
    pool: 'forks',
    maxWorkers: 1,
  },
})
