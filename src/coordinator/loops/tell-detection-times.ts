import { defineLoop } from '../../runtime/loop.ts'
import { overviewsOf } from '../check-overview.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { detectionContract } from '../detection-contract.ts'

/** Checks whose bars are read at once. */
const CHECKS_AT_ONCE = 50

/** Tells the metrics how soon each check would find a fault; it changes with what its runs take. */
export const tellDetectionTimes = defineLoop<CoordinatorParts>({
  name: 'tell-detection-times',
  everyMs: 5 * 60_000,
  deadlineMs: 60_000,
  async run(parts, signal) {
    const { fleet, clock, metrics } = parts
    for (let next = 0; next < fleet.checks.length; next += CHECKS_AT_ONCE) {
      signal.throwIfAborted()
      const checks = fleet.checks.slice(next, next + CHECKS_AT_ONCE)
      const overviews = await overviewsOf(parts, checks)
      for (const [index, check] of checks.entries()) {
        const overview = overviews[index]
        const contract = overview && detectionContract(check, overview, clock.now())
        if (contract) metrics.detectionContract(check, contract)
      }
    }
  },
})
