import { defineConfig } from 'vitest/config'

// Runs that take long or measure: one at a time, so that they do not disturb each other.
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    testTimeout: 300_000,
    // figures of time: a machine that was busy with something else gets a second chance, printed as such
    retry: 1,
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    reporters: ['default', ['json', { outputFile: 'test-results/long.json' }]],
  },
})
