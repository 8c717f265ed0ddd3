import { expect, it } from 'vitest'
import { IMAGE_FLAGS } from '../../../bench/image-flags.ts'
import { readDockerfile } from '../../container/dockerfile.ts'

it('measures Node as the image starts it', () => {
  const { entrypoint = [] } =
    readDockerfile(new URL('../../../Dockerfile', import.meta.url)).at(-1) ?? {}
  const flags = entrypoint.slice(1, -1)
  expect(flags.filter((flag) => !/^--(?:permission|allow-|disable-)/.test(flag))).toEqual(
    IMAGE_FLAGS,
  )
})
