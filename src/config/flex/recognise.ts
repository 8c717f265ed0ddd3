import { isMap } from '../../is-map.ts'

/** Resources of a Flex or Omni Gateway in local mode; the second group stands in older logging examples. */
const API_VERSION = /^(?:gateway|config)\.mulesoft\.com\//

/**
 * True for a document that is written for a Flex or Omni Gateway: a resource of its API group, a list of policies, or
 * one policy alone. None of our own documents has one of these keys.
 */
export function isFlex(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isPolicy)
  if (!isMap(value)) return false
  if (isPolicy(value)) return true
  const { apiVersion } = value
  return 'kind' in value || (typeof apiVersion === 'string' && API_VERSION.test(apiVersion))
}

function isPolicy(value: unknown): boolean {
  return isMap(value) && 'policyRef' in value
}
