import { describe, expect, it } from 'vitest'
import { runCountersign } from '../support/process.ts'
import { tempFolder } from '../support/temp-folder.ts'

const API = `apiVersion: gateway.mulesoft.com/v1alpha1
kind: ApiInstance
metadata: { name: shop }
spec:
  address: http://127.0.0.1:8081
  services: { upstream: { address: http://127.0.0.1:9000 } }
  policies:
    - policyRef: { name: jwt-generation-flex }
      config: { signingMethod: HS256, privateKey: hunter2, exp: 60 }
`

describe('validate', () => {
  it('checks a folder of Flex files, and warns of a short secret without telling it', async () => {
    const { path } = await tempFolder({ 'api.yaml': API })
    const { code, stdout } = await runCountersign(['validate', path])
    expect(code).toBe(0)
    expect(stdout).toContain('api.yaml:9:51: warning[key/weak]')
    expect(stdout).toContain('write $NAME')
    expect(stdout).not.toContain('hunter2')
  })

  it.each([
    [
      'an upstream',
      API.replace('http://127.0.0.1:9000', 'ftp://a'),
      'api.yaml:6:36: error[schema/value]',
    ],
    [
      'an address',
      API.replace('http://127.0.0.1:8081', 'https://a:1'),
      'api.yaml:5:12: error[flex/address]',
    ],
    [
      'a policy',
      API.replace('jwt-generation-flex', 'jwt-generation'),
      'did you mean jwt-generation-flex?',
    ],
  ])('finds %s that cannot run', async (_, text, finding) => {
    const { path } = await tempFolder({ 'api.yaml': text })
    const { code, stdout } = await runCountersign(['validate', path])
    expect(code).toBe(1)
    expect(stdout).toContain(finding)
  })

  it('says which files of the folder it does not read', async () => {
    const { path } = await tempFolder({ 'api.yaml': API, 'b/c.json': '{}', 'd.test.yaml': 'a' })
    const { code, stdout } = await runCountersign(['validate', path])
    expect(code).toBe(0)
    expect(stdout).toContain('b/c.json:1:1: notice[flex/not-read]')
    expect(stdout).toContain('d.test.yaml:1:1: notice[flex/not-read]')
  })

  it('reports what serve would: a policy of ours for a route and an account that are not there', async () => {
    const own = 'name: a\nmatch: { route: shopp }\njwt: { account: erp }\ninject: { name: x-a }\n'
    const { path } = await tempFolder({ 'api.yaml': API, 'own.yaml': own })
    const { code, stdout } = await runCountersign(['validate', path])
    expect(code).toBe(1)
    expect(stdout).toContain('own.yaml:2:17: error[policy/unknown-route]')
    expect(stdout).toContain('own.yaml:3:17: error[account/unknown]')
  })
})

describe('serve', () => {
  it('refuses a folder whose ApiInstances listen at two addresses, and names both', async () => {
    const other = API.replace('name: shop', 'name: staff').replace('8081', '8082')
    const { path } = await tempFolder({ 'a.yaml': API, 'b.yaml': other })
    const { code, stderr } = await runCountersign([
      'serve',
      '--config',
      path,
      '--management',
      'off',
    ])
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /b\.yaml:5:12: error\[flex\/clash\].*"shop" has 127\.0\.0\.1:8081, "staff" 127\.0\.0\.1:8082/,
    )
  })
})
