export { type CacheSettings, cacheShape } from './cache-settings.ts'
export { MARGIN } from './lifetime.ts'
export {
  type CacheResult,
  createTokenCache,
  type Made,
  type TokenCache,
  type TokenCacheOptions,
} from './token-cache.ts'
