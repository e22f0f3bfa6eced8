import { expect, test } from 'vitest'
import { pageAddress, routeOf } from '../../../../src/dashboard/routing/route.ts'

test.each([
  { path: '/', expected: { page: 'now' } },
  { path: '/incidents', expected: { page: 'incidents' } },
  { path: '/incidents/', expected: { page: 'incidents' } },
  { path: '/incidents/INC-1', expected: { page: 'incident', incidentId: 'INC-1' } },
  { path: '/runs/abc', expected: { page: 'run', runId: 'abc' } },
  { path: '/runs', expected: { page: 'unknown' } },
  { path: '/checks/shop-home', expected: { page: 'check', checkId: 'shop-home' } },
  { path: '/checks', expected: { page: 'now' } },
  { path: '/objectives', expected: { page: 'objectives' } },
  { path: '/fleet', expected: { page: 'fleet' } },
  { path: '/fleet/x', expected: { page: 'unknown' } },
  { path: '/a/b/c', expected: { page: 'unknown' } },
  { path: '/runs/%', expected: { page: 'run', runId: '%' } },
])('$path is $expected.page', ({ path, expected }) => {
  expect(routeOf(path)).toEqual(expected)
})

test('an address leads to its page, whatever the id contains', () => {
  expect(routeOf(pageAddress.check('a/b c'))).toEqual({ page: 'check', checkId: 'a/b c' })
  expect(routeOf(pageAddress.incident('INC-7'))).toEqual({ page: 'incident', incidentId: 'INC-7' })
})
