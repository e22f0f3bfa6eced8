import { dueBy } from '../../domain/fleet/slot-accounting.ts'
import type { CheckDefinition } from '../../protocol/check.ts'
import { dueSlots } from '../../protocol/schedule.ts'
import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { loadAccountedChecks, setAccountedUntil } from '../store/checks.ts'
import { type ExpectedSlot, endMissedSlots, expectSlots } from '../store/slots.ts'
import type { Session } from '../store/store.ts'

/** What one pass catches up at most after the coordinator was away. */
const REACH_MS = 3_600_000

/**
 * Keeps the ledger: writes down each slot when it is due, and ends as `missed` those that nobody ran
 * in time. A run that comes later still corrects its slot.
 */
export const accountSlots = defineLoop<CoordinatorParts>({
  name: 'account-slots',
  everyMs: 1_000,
  deadlineMs: 30_000,
  async run({ store, clock, feed, metrics }) {
    const now = clock.now()
    // Checks that were accounted up to the same moment move on together, in one statement.
    const byProgress = Map.groupBy(
      await loadAccountedChecks(store),
      (check) => check.accountedUntil,
    )
    for (const [accountedUntil, checks] of byProgress) {
      const until = Math.min(now, accountedUntil + REACH_MS)
      if (until <= accountedUntil) continue
      const definitions = checks.map((check) => check.definition)
      await store.transaction(async (tx) => {
        await expectDueSlots(tx, definitions, { after: accountedUntil, until, now })
        await setAccountedUntil(
          tx,
          definitions.map((check) => check.id),
          until,
        )
      })
    }
    const missed = await endMissedSlots(store, now)
    metrics.slotsEnded('missed', missed.length)
    feed.publish(missed.map((slot) => ({ type: 'slot', ...slot })))
  },
})

/** Writes down the slots of checks in one stretch of time, in all their regions. */
export async function expectDueSlots(
  session: Session,
  checks: CheckDefinition[],
  { after, until, now }: { after: number; until: number; now: number },
): Promise<void> {
  // A job calls when it likes, within its grace: its slots come with its calls.
  const probed = checks.filter((check) => check.kind !== 'heartbeat')
  const expected: ExpectedSlot[] = probed.flatMap((check) =>
    check.regions.flatMap((regionId) =>
      dueSlots(check, regionId, after, until).map((slotAt) => ({
        checkId: check.id,
        regionId,
        slotAt,
        // Where this coordinator was away, the probes get their time to deliver from now on.
        dueBy: Math.max(dueBy(check, slotAt), dueBy(check, now) - check.timeoutMs),
      })),
    ),
  )
  await expectSlots(session, expected)
}
