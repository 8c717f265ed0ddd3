import { type FlexApi, writeDocuments } from '../../config/index.ts'
import type { Json, JsonObject } from '../../types.ts'
import { valueAt } from '../../value-at.ts'

/**
 * The gateway file of these ApiInstances, which listen at one address. When it is not `complete`, a request that no
 * policy applies to is refused, for the policy that is missing may have been meant for it.
 */
export function gatewayFile(apis: readonly FlexApi[], { complete }: { complete: boolean }): string {
  const listen = valueAt(apis[0]?.document.value, ['listen']) as Json
  const routes = apis.flatMap(({ document }) => {
    const list = valueAt(document.value, ['routes']) as readonly JsonObject[]
    return list.map((route) => (complete ? route : { ...route, unmatched: 'reject' }))
  })
  const text = 'rejects until a person has looked at what is missing'
  const comments = routes.map((_, index) => ({ path: ['routes', index, 'unmatched'], text }))
  return writeDocuments([
    {
      value: { listen, policies: './policies', routes },
      references: true,
      ...(!complete && { comments }),
    },
  ])
}
