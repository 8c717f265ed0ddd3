import {
  compileMembers,
  type MemberConfig,
  type MemberList,
  registeredMismatch,
} from '../../../src/claims/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { type RecordedFault, recordingScope } from '../../support/recording-scope.ts'

/** One entry of a claim list, as a test writes it. */
export type Written = Pick<MemberConfig, 'name' | 'value' | 'type' | 'onMissing'>

/** Compiles claims as `customClaims` of a policy are. */
export function compileList(
  written: readonly Written[],
  reserved: readonly string[] = [],
): { readonly claims: MemberList; readonly faults: readonly RecordedFault[] } {
  const { scope, faults } = recordingScope({ environment: fixedEnvironment() })
  const configs = written.map((entry, index) => ({
    ...entry,
    nameScope: scope.at(index, 'name'),
    valueScope: scope.at(index, 'value'),
  }))
  const rules = {
    reserved: new Map(reserved.map((name) => [name, { message: `${name} is reserved` }])),
    mismatch: registeredMismatch,
    pointers: true,
  }
  return { claims: compileMembers(configs, rules), faults }
}
