import { readFileSync } from 'node:fs'

// Prints "PASSED FAILED" for vitest's JSON results; a file that is missing or names no test counts as one failure.
let passed = 0
let failed = 0
for (const path of process.argv.slice(2)) {
  try {
    const result = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly numPassedTests: number
      readonly numFailedTests: number
      readonly numFailedTestSuites: number
    }
    passed += result.numPassedTests
    failed += Math.max(result.numFailedTests, result.numFailedTestSuites)
    if (result.numPassedTests + result.numFailedTests === 0) failed += 1
  } catch {
    failed += 1
  }
}
console.log(`${passed} ${failed}`)
