import { expect, test } from 'vitest'
import { checkMeter } from '../../bench/check-meter.ts'

test('counts what the living, the ended and the orphans of a tree used', async () => {
  const eachMs = 300
  const { usedMs, measuredMs } = await checkMeter(eachMs)
  expect(usedMs).toBeGreaterThan(3 * eachMs)
  // Each of the five processes is rounded down to 10 ms; one that is lost would be 300 ms.
  expect(Math.abs(measuredMs - usedMs)).toBeLessThan(100)
})
