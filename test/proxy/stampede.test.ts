import { it } from 'vitest'
import { expectOneSignature } from '../support/stampede.ts'

it('signs once for 200 first requests at once', () => expectOneSignature(200))
