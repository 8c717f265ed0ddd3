import { z } from 'zod'
import { hasSpelling } from '../spelling.ts'
import {
  overwriteSchema,
  type PlacementKind,
  parameterNameSchema,
  valueSchema,
} from './placement-kind.ts'
import { sendable } from './sendable.ts'

const schema = z
  .strictObject({
    location: z.literal('query').describe('A query parameter. URLs reach logs: prefer a header.'),
    name: parameterNameSchema.describe('Name of the query parameter, decoded.'),
    value: valueSchema,
    overwrite: overwriteSchema,
  })
  .describe('Puts the token in a query parameter.')

/** The `inject` part of a policy that puts the credential in a query parameter. */
export type QueryConfig = z.infer<typeof schema>

/** Puts the credential in a query parameter, at the end of the query. */
export const query = {
  schema,
  create({ name, overwrite }, scope) {
    scope.report(['location'], {
      severity: 'warning',
      rule: 'inject/query-token',
      message:
        'expected a place other than the query, which reaches logs, histories and Referer fields',
      hint: 'use location: header when the upstream takes one',
    })
    return {
      needsBody: false,
      readsPayload: false,
      headerNames: [],
      place: `query:${name.toLowerCase()}`,
      occupied: ({ attributes: { queryParams } }) =>
        overwrite === 'fail' ? hasSpelling(queryParams, name) : queryParams[name] !== undefined,
      put: (value) => ({ removeQuery: [name], setQuery: { [name]: sendable(value) } }),
      clear: () => ({ removeQuery: [name] }),
    }
  },
} satisfies PlacementKind<QueryConfig>
