import { literalText } from '../../config/index.ts'
import { escapeName } from '../../json-pointer.ts'
import type { JsonObject } from '../../types.ts'
import type { Setting, Settings } from './settings.ts'

/** What a policy says about the place of its token. */
export interface Place {
  readonly inject: JsonObject
  /** True when the place refers to the token by the name that it is saved as. */
  readonly saved?: boolean
}

const LOCATION = 'Token Location'
const SCHEME = 'Authorization Scheme'
const CUSTOM = 'Custom Authorization Scheme'
const BODY_KEY = 'Request Body Key'
const PARAMETER = 'Query String Parameter Name'

/** Where the token goes; undefined when a person has to say it. `saveAs` is the name of a saved token. */
export function translatePlace(settings: Settings, saveAs: string): Place | undefined {
  const location = textOf(settings.find(LOCATION)) ?? 'Header'
  const scheme = textOf(settings.find(SCHEME)) ?? 'Bearer'
  const custom = textOf(settings.find(CUSTOM)) ?? textOf(settings.find('Custom'))
  const key = textOf(settings.find(BODY_KEY))
  const parameter = textOf(settings.find(PARAMETER))
  switch (location.toLowerCase()) {
    case 'header':
      settings.translated(LOCATION)
      return headerPlace(settings, scheme, custom, saveAs)
    case 'body':
      if (key === undefined) break
      settings.translated(LOCATION)
      return {
        inject: { location: 'body', name: `/${escapeName(key)}` },
      }
    case 'query':
      if (parameter === undefined) break
      settings.translated(LOCATION)
      return { inject: { location: 'query', name: parameter } }
  }
  settings.person(LOCATION, `expected Header, Body with ${BODY_KEY}, or Query with ${PARAMETER}`)
  return undefined
}

function headerPlace(
  settings: Settings,
  scheme: string,
  custom: string | undefined,
  saveAs: string,
): Place | undefined {
  const header = { location: 'header', name: 'authorization' }
  if (scheme.toLowerCase() === 'bearer') return { inject: { ...header, scheme: 'Bearer' } }
  if (scheme.toLowerCase() !== 'custom' || custom === undefined) {
    settings.person(SCHEME, `expected Bearer, or Custom with ${CUSTOM}`)
    return undefined
  }
  const [, words = ''] = /^([!-~]+(?: [!-~]+)*) $/.exec(custom) ?? []
  if (words !== '' && words !== 'none') {
    settings.translated(SCHEME)
    return { inject: { ...header, scheme: words } }
  }
  settings.notice(SCHEME, 'does not end in one space: the token follows it as it stands')
  return {
    inject: { ...header, value: `${literalText(custom)}#[tokens.${saveAs}.value]` },
    saved: true,
  }
}

function textOf(setting: Setting | undefined): string | undefined {
  return typeof setting?.value === 'string' ? setting.value : undefined
}
