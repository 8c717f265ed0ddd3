import { it } from 'vitest'
import { expectOneSignature } from '../support/stampede.ts'

it('signs once for 1,000 first requests at once', () => expectOneSignature(1000))
