import { countersignExpress } from '../contenders/countersign-express.ts'
import { expressHpm } from '../contenders/express-hpm.ts'
import { race } from '../race.ts'

/** Both as Express applications. */
export const express = race({
  name: 'express',
  about:
    'A cached ES256 token in an Express application: countersign() and proxy() against middleware by hand.',
  task: { algorithm: 'ES256', reuses: true },
  contenders: [countersignExpress, expressHpm],
})
