import { expect, test } from 'vitest'
import { definitionText } from '../../../../src/dashboard/words/definition-text.ts'

test('a definition is written the way that ops wrote it', () => {
  const text = definitionText({
    id: 'shop-home',
    schedule: { kind: 'interval', everyMs: 5_000 },
    regions: ['eu-west', 'us-east'],
    headers: {},
    secrets: [],
    body: '',
    trustedRoots: 'line one\nline two\n',
    expectations: [{ level: 'must', subject: 'status', matcher: { oneOf: [200, 204] } }],
  })
  expect(text).toBe(`id: shop-home
schedule:
  kind: interval
  everyMs: 5000
regions: [eu-west, us-east]
headers: {}
secrets: []
body: ''
trustedRoots: |
  line one
  line two
expectations:
  - level: must
    subject: status
    matcher:
      oneOf: [200, 204]`)
})
