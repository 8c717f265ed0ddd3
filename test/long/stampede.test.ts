import { it } from 'vitest'
import { expectOneSignature } from '../support/stampede.ts'

it('T114 signs once for 1,000 first requests at once', () => expectOneSignature(1000))
