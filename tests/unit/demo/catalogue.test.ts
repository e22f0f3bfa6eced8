import { expect, test } from 'vitest'
import { CATALOGUE } from '../../../src/demo/shop/catalogue.ts'

test('the shop sells two dozen lamps, each with an address of its own', () => {
  expect(CATALOGUE).toHaveLength(24)
  expect(new Set(CATALOGUE.map(({ id }) => id)).size).toBe(24)
  for (const { id } of CATALOGUE) expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/)
})

test('the homepage shows eight of them, at least one of each kind', () => {
  const featured = CATALOGUE.filter(({ isFeatured }) => isFeatured)
  expect(featured).toHaveLength(8)
  expect(new Set(featured.map(({ kind }) => kind))).toEqual(
    new Set(CATALOGUE.map(({ kind }) => kind)),
  )
})
