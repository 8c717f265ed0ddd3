import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseDocuments } from '../../../src/config/yaml/index.ts'
import { importFlex } from '../../../src/import/index.ts'
import type { Secret } from '../../../src/secret.ts'
import { hmacSecret } from '../../support/keys.ts'

const LIST = `
- policyRef: { name: jwt-generation-flex }
  config:
    signingMethod: HS256
    privateKey: $KEY
    customClaims:
      - { name: sub, value: "#[attributes.headers['X-User']]" }
- policyRef: { name: credential-injection-api-key-flex }
  config: { apiKey: $API_KEY, customHeader: x-key }
`
const API = `
apiVersion: gateway.mulesoft.com/v1alpha1
kind: ApiInstance
metadata: { name: orders }
spec:
  address: http://0.0.0.0:8081
  services: { upstream: { address: "http://127.0.0.1:9" } }
  policies:${LIST.replaceAll('\n', '\n    ')}
`

/** What importing files of these texts comes to. */
function importTexts(texts: Readonly<Record<string, string>>) {
  const documents = Object.entries(texts).flatMap(([name, text]) => {
    return parseDocuments(name, text).documents
  })
  const { items, files } = importFlex(documents, { out: 'out', keysTo: 'out/keys' })
  const texted = files.map(({ path, text }) => [path, text] as const)
  return { items, files: new Map(texted) }
}

const importText = (text: string) => importTexts({ 'flex.yaml': text })

describe('an imported Flex file', () => {
  it('keeps each expression beside what takes its place', () => {
    const { files } = importText(LIST)
    expect(files.get('out/policies/flex-1.yaml')).toMatch(
      /# #\[attributes\.headers\['X-User'\]\]\n +value: /,
    )
  })

  it('tells what happens to a request without a value', () => {
    const { items } = importText(LIST)
    const notes = items.filter(({ item }) => item.endsWith('value')).map(({ note }) => note)
    expect(notes).toEqual(['without a value: the request is refused'])
  })

  it.each([
    ['out of a variable', '$KEY', { env: 'KEY' }],
    ['out of a variable as ours are written', '"$'.concat('{KEY}"'), { env: 'KEY' }],
    ['of its own', '"a secret"', { file: '../keys/flex-1.secret' }],
  ])('has a secret %s', (_what, written, source) => {
    const { items, files } = importText(LIST.replace('$KEY', written))
    expect(items.filter(({ state }) => state === 'person')).toEqual([])
    const { jwt } = parse(String(files.get('out/policies/flex-1.yaml')))
    expect(jwt.privateKey).toEqual(source)
  })

  it('keeps the line end of a secret', () => {
    const secret = hmacSecret()
    const { files } = importText(LIST.replace('$KEY', `"${secret}\\n"`))
    const text = files.get('out/keys/flex-1.secret')
    // one is taken off where it is read
    expect((text as Secret).reveal()).toBe(`${secret}\n\n`)
  })

  it('begins a test with what no request decides', () => {
    const claims = 'customClaims:\n      - { name: aud, value: crm }'
    const { files } = importText(LIST.replace('customClaims:', claims))
    const test = parse(String(files.get('out/policies/flex-1.test.yaml')))
    expect(test).toMatchObject({
      policy: 'flex-1',
      cases: [
        {
          expect: {
            header: { alg: 'HS256' },
            claims: { aud: 'crm', iat: 1767225600 },
            injected: { header: 'authorization', scheme: 'Bearer' },
          },
        },
      ],
    })
  })

  const other = '- policyRef: { name: rate-limiting-flex }\n  config: {}\n'
  it.each([
    [
      'an expression outside of the dialect',
      LIST.replace("attributes.headers['X-User']", 'now()'),
      7,
    ],
    ['a policy that does not run here', LIST + other, 10],
    ['a document of ours', `${LIST}---\nname: own\n`, 11],
    ['a secret beside a variable', LIST.replace('$KEY', '"a$'.concat('{KEY}"')), 5],
  ])('leaves %s to a person, and imports the rest', (_what, text, line) => {
    const { items, files } = importText(text)
    const left = items.filter(({ state }) => state === 'person')
    expect(left.map((item) => item.line)).toEqual([line])
    expect(parse(String(files.get('out/policies/flex-2.yaml')))).not.toHaveProperty('enabled')
  })

  it.each([
    ['$TENANT', 'notice', undefined],
    ['"t=$'.concat('{TENANT}"'), 'notice', undefined],
    ['"$'.concat('{TENANT} x]"'), 'person', false],
    ['"#$'.concat('{TENANT}]"'), 'person', false],
  ])('tells what becomes of the text of a variable: %s', (value, state, enabled) => {
    const claims = `customClaims:\n      - { name: tenant, value: ${value} }`
    const { items, files } = importText(LIST.replace('customClaims:', claims))
    const item = items.find(({ line, item: name }) => line === 7 && name.endsWith('value'))
    expect(item).toMatchObject({ state, note: expect.stringContaining('TENANT') })
    expect(parse(String(files.get('out/policies/flex-1.yaml'))).enabled).toBe(enabled)
  })

  it('is switched off where a secret is left to a person', () => {
    const { files } = importText(LIST.replace('$KEY', '"a$'.concat('{KEY}"')))
    const text = String(files.get('out/policies/flex-1.yaml'))
    expect(parse(text)).toMatchObject({ enabled: false, jwt: { privateKey: { env: 'KEY' } } })
    expect(text).toContain('# switched off: ')
  })

  it('refuses what no policy applies to while one is missing', () => {
    const { files } = importText(API.replace("attributes.headers['X-User']", 'now()'))
    const { routes } = parse(String(files.get('out/countersign.yaml')))
    expect(routes).toMatchObject([{ name: 'orders', unmatched: 'reject' }])
    const whole = parse(String(importText(API).files.get('out/countersign.yaml')))
    expect(whole.routes).toMatchObject([{ name: 'orders', unmatched: 'forward' }])
  })

  it('is switched off while its ApiInstance is left to a person', () => {
    const { files } = importText(API.replace('http://0.0.0.0', 'https://0.0.0.0'))
    expect(files.has('out/countersign.yaml')).toBe(false)
    const name = 'orders-credential-injection-api-key-flex'
    expect(parse(String(files.get(`out/policies/${name}.yaml`)))).toMatchObject({ enabled: false })
  })

  it('takes the place of no other of its name', () => {
    const { items, files } = importTexts({ 'a/flex.yaml': LIST, 'b/flex.yaml': LIST })
    const left = items.filter(({ state }) => state === 'person')
    expect(left.map(({ file, item }) => `${file} ${item}`)).toEqual([
      'b/flex.yaml flex-1',
      'b/flex.yaml flex-2',
    ])
    expect([...files.keys()].filter((path) => /\d\.yaml$/.test(path))).toHaveLength(2)
  })
})
