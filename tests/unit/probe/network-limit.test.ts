import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Load, networkLimitBounds, nextLimit } from '../../../src/probe/network-limit.ts'

const idle: Load = { utilization: 0.1, lagMs: 1, cpuWaitMs: 5, spanMs: 1_000 }
const bounds = networkLimitBounds(50)

describe('the limit of network checks', () => {
  test.each([
    { why: 'an idle probe stays at its most', current: 50, load: idle, next: 50 },
    { why: 'an idle probe takes a step more', current: 20, load: idle, next: 22 },
    { why: 'the last step ends at the most', current: 49, load: idle, next: 50 },
    {
      why: 'a busy loop takes a share less',
      current: 50,
      load: { ...idle, utilization: 0.95 },
      next: 35,
    },
    { why: 'a standstill as well', current: 50, load: { ...idle, lagMs: 150 }, next: 35 },
    {
      why: 'and waiting for a processor',
      current: 50,
      load: { ...idle, cpuWaitMs: 400 },
      next: 35,
    },
    { why: 'but never less than a few', current: 4, load: { ...idle, lagMs: 900 }, next: 4 },
    {
      why: 'rather busy changes nothing',
      current: 20,
      load: { ...idle, utilization: 0.8 },
      next: 20,
    },
    {
      why: 'where nobody counts waits, the loop tells',
      current: 20,
      load: { utilization: 0.1, lagMs: 1, spanMs: 1_000 },
      next: 22,
    },
  ])('$why', ({ current, load, next }) => {
    expect(nextLimit(current, load, bounds)).toBe(next)
  })

  const aLoad = fc.record({
    utilization: fc.double({ min: 0, max: 1, noNaN: true }),
    lagMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
    cpuWaitMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
    spanMs: fc.double({ min: 0, max: 2_000, noNaN: true }),
  })

  test('is a whole number within its bounds, whatever the load', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.array(aLoad), (max, loads) => {
        const own = networkLimitBounds(max)
        let limit = max
        for (const load of loads) {
          limit = nextLimit(limit, load, own)
          expect(Number.isInteger(limit)).toBe(true)
          expect(limit).toBeGreaterThanOrEqual(own.min)
          expect(limit).toBeLessThanOrEqual(own.max)
        }
      }),
    )
  })

  test('comes back to its most within half a minute of idleness', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), (max) => {
        const own = networkLimitBounds(max)
        let limit = own.min
        for (let second = 0; second < 30; second++) limit = nextLimit(limit, idle, own)
        expect(limit).toBe(max)
      }),
    )
  })
})
