import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dependentsOf, neededServices, needsCycle } from '../../../src/base/dependency-graph.ts'

const CHAIN = [
  { id: 'shop', needs: ['orders', 'search'] },
  { id: 'orders', needs: ['db'] },
  { id: 'search', needs: ['db'] },
  { id: 'db' },
]

test('what is needed is found however far, by the shortest way', () => {
  expect(Object.fromEntries(neededServices(CHAIN, 'shop'))).toEqual({
    orders: ['shop', 'orders'],
    search: ['shop', 'search'],
    db: ['shop', 'orders', 'db'],
  })
  expect(neededServices(CHAIN, 'db').size).toBe(0)
  expect(dependentsOf(CHAIN, 'db')).toEqual(['shop', 'orders', 'search'])
})

test('a circle is told as a path', () => {
  expect(needsCycle(CHAIN)).toBeUndefined()
  expect(needsCycle([{ id: 'a', needs: ['a'] }])).toEqual(['a', 'a'])
  expect(
    needsCycle([
      { id: 'x', needs: ['a'] },
      { id: 'a', needs: ['b'] },
      { id: 'b', needs: ['c'] },
      { id: 'c', needs: ['a'] },
    ]),
  ).toEqual(['a', 'b', 'c', 'a'])
})

test('there is a circle exactly when a service needs itself by some way', () => {
  const anyServices = fc
    .array(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 2 }), { maxLength: 7 })
    .map((needs) => needs.map((list, id) => ({ id: `s${id}`, needs: list.map((n) => `s${n}`) })))
  fc.assert(
    fc.property(anyServices, (services) => {
      const needsItself = services.some(({ id, needs }) =>
        needs.some((need) => need === id || neededServices(services, need).has(id)),
      )
      const cycle = needsCycle(services)
      expect(cycle !== undefined).toBe(needsItself)
      for (const [i, id] of (cycle ?? []).slice(0, -1).entries())
        expect(services.find((service) => service.id === id)?.needs).toContain(cycle?.[i + 1])
    }),
    { numRuns: 500 },
  )
})
