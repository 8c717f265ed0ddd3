export {
  type CacheEntry,
  type CacheOptions,
  type CacheResult,
  createTokenCache,
  type TokenCache,
} from './token-cache.ts'
