import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Sample, watchWindow } from '../../../../src/domain/alerting/watch-window.ts'
import { percentile } from '../../../../src/domain/measurement/percentile.ts'

const NOW = 1_000

const anySamples = fc
  .array(fc.record({ at: fc.integer({ min: 0, max: NOW }), isBad: fc.boolean() }), {
    maxLength: 60,
  })
  .map((samples) => samples.toSorted((a, b) => a.at - b.at))

const half = (count: number, bad: number) => bad > count / 2

/** The same, instant by instant. */
function slowly(samples: readonly Sample[], withinMs: number, forMs: number, samplesMin: number) {
  const isBreachedAt = (instant: number) => {
    const held = samples.filter(({ at }) => at > instant - withinMs && at <= instant)
    const bad = held.filter(({ isBad }) => isBad).length
    return held.length >= samplesMin && half(held.length, bad)
  }
  if (!isBreachedAt(NOW)) return 'no'
  for (let instant = NOW - forMs; instant <= NOW; instant++)
    if (!isBreachedAt(instant)) return 'not for long enough'
  return 'yes'
}

test('says the same as looking at every instant', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(
      anySamples,
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 1, max: 4 }),
      (samples, withinMs, forMs, samplesMin) => {
        const { since } = watchWindow(samples, {
          withinMs,
          forMs,
          samplesMin,
          isTooMuch: half,
          now: NOW,
        })
        const was =
          since === undefined ? 'no' : NOW - since >= forMs ? 'yes' : 'not for long enough'
        seen.add(was)
        expect(was).toBe(slowly(samples, withinMs, forMs, samplesMin))
      },
    ),
    { numRuns: 400, examples: [[[{ at: 500, isBad: true }], 600, 100, 1]] },
  )
  expect(seen).toEqual(new Set(['no', 'yes', 'not for long enough']))
})

test('a percentile is above a limit exactly when too few samples are not', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      fc.constantFrom(0.5, 0.9, 0.95, 0.99, 1),
      (times, limit, share) => {
        const bad = times.filter((time) => time > limit).length
        const isAbove =
          percentile(
            times.toSorted((a, b) => a - b),
            share,
          ) > limit
        expect(times.length - bad < Math.ceil(times.length * share)).toBe(isAbove)
      },
    ),
  )
})

test('nothing changes before the instant that it names', () => {
  fc.assert(
    fc.property(
      anySamples,
      fc.integer({ min: 1, max: 400 }),
      fc.nat(300),
      (samples, within, ms) => {
        const rule = { withinMs: within, forMs: 50, samplesMin: 2, isTooMuch: half }
        const first = watchWindow(samples, { ...rule, now: NOW })
        const later = Math.min(NOW + ms, (first.changesAt ?? Infinity) - 1)
        const second = watchWindow(samples, { ...rule, now: later })
        const isHeld = ({ since }: typeof first, now: number) =>
          since === undefined ? 'no' : now - since >= 50
        expect(isHeld(second, later)).toBe(isHeld(first, NOW))
        expect(second.count).toBe(first.count)
      },
    ),
  )
})
