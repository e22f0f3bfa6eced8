import fc from 'fast-check'
import { expect, test } from 'vitest'
import { percentile } from '../../../../src/domain/measurement/percentile.ts'

test.each([
  { values: [7], share: 0.5, expected: 7 },
  { values: [7], share: 0.95, expected: 7 },
  { values: [1, 2], share: 0.5, expected: 1 },
  { values: [1, 2, 3], share: 0.5, expected: 2 },
  { values: [1, 2, 3, 4], share: 0.95, expected: 4 },
  { values: Array.from({ length: 20 }, (_, i) => i + 1), share: 0.95, expected: 19 },
  { values: Array.from({ length: 100 }, (_, i) => i + 1), share: 1, expected: 100 },
])('$share of $values.length values', ({ values, share, expected }) => {
  expect(percentile(values, share)).toBe(expected)
})

test('it is a value of the list, enough are not above it, and no smaller one would do', () => {
  const values = fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1 })
  fc.assert(
    fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (given, share) => {
      const ascending = given.toSorted((a, b) => a - b)
      const found = percentile(ascending, share)
      expect(ascending).toContain(found)
      const within = (limit: number) => ascending.filter((value) => value <= limit).length
      const needed = ascending.length * share
      expect(within(found)).toBeGreaterThanOrEqual(needed)
      const smaller = ascending.filter((value) => value < found)
      expect(smaller.length).toBeLessThan(needed)
    }),
  )
})
