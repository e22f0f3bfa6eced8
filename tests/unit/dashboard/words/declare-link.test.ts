import { expect, test } from 'vitest'
import { declareLink } from '../../../../src/dashboard/words/declare-link.ts'
import { DECLARE_FIELDS } from '../../../../src/dashboard/words/incident-actions.ts'

const valuesOf = (query: string) =>
  declareLink(query)?.fields.map((field) => ('value' in field ? [field.name, field.value] : []))

test.each(['', '?state=all', '?service=orders'])('"%s" asks for no form', (query) => {
  expect(declareLink(query)).toBeUndefined()
})

test('a link fills the form in as far as it knows', () => {
  const query =
    '?declare=1&service=orders&severity=sev-2&title=Nobody+can+pay&reason=5xx%20at%2097%20%25'
  expect(declareLink(query)).toMatchObject({ service: 'orders', severity: 'SEV-2' })
  expect(valuesOf(query)).toEqual([
    [],
    ['title', 'Nobody can pay'],
    [],
    ['reason', '5xx at 97 %'],
    [],
  ])
})

test('what it does not know stays as it is, and what is too long is cut', () => {
  expect(declareLink('?declare')?.fields).toEqual(DECLARE_FIELDS)
  expect(valuesOf(`?declare&title=${'x'.repeat(300)}`)?.[1]?.[1]).toHaveLength(200)
})
