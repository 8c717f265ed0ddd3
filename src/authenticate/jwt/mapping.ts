import type { Authentication, Json, JsonObject } from '../../types.ts'
import type { Refusal } from '../authenticator.ts'
import { compileField } from './field.ts'
import type { JwtConfig } from './jwt-schema.ts'

/** Makes a caller of the claims of one token, or says what they lack. */
export type Mapping = (claims: JsonObject) => Authentication | Refusal

type Members = Partial<Record<'principal' | 'name' | 'email' | 'clientId', string>>

/** Which claim gives which member of `authentication`. */
export function compileMapping(config: JwtConfig): Mapping {
  const { usernameField, nameField, emailField, clientIdField } = config
  const written = Object.entries({
    principal: usernameField,
    name: nameField,
    email: emailField,
    clientId: clientIdField,
  }).flatMap(([member, field]) =>
    field === undefined ? [] : [{ member, field, find: compileField(field) }],
  )
  const rolesOf = compileRoles(config)
  return (claims) => {
    const members: Members = usualClientId(claims)
    for (const { member, field, find } of written) {
      const value = find(claims)
      if (!isText(value)) return { reason: 'missing-field', field }
      members[member as keyof Members] = value
    }
    const roles = rolesOf(claims)
    if ('reason' in roles) return roles
    return { scheme: 'jwt', ...members, ...roles, properties: { claims } }
  }
}

/** As RFC 8693 section 4.3 and OpenID Connect Core section 2 name the client. */
function usualClientId({ client_id: clientId, azp }: JsonObject): Members {
  const id = [clientId, azp].find(isText)
  return id === undefined ? {} : { clientId: id }
}

function compileRoles(config: JwtConfig) {
  const { rolesField, initialRoles, defaultUserType } = config
  const find = rolesField === undefined ? () => undefined : compileField(rolesField)
  const initial = {
    ...(initialRoles && { roles: initialRoles }),
    ...(defaultUserType !== undefined && { userType: defaultUserType }),
  }
  return (claims: JsonObject): Pick<Authentication, 'roles' | 'userType'> | Refusal => {
    const roles = textsOf(find(claims))
    if (!roles) return { reason: 'claim-type', field: rolesField as string }
    return roles.length > 0 ? { roles } : initial
  }
}

/** One text or several, those that are empty left out; undefined for another value than texts. */
function textsOf(value: Json = []): readonly string[] | undefined {
  const texts: readonly unknown[] = [value].flat()
  if (!texts.every((text) => typeof text === 'string')) return undefined
  return texts.filter((text) => text !== '')
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== ''
}
