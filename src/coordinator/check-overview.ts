import type { CheckDefinition } from '../protocol/check.ts'
import { BAR_SLOTS, type CheckOverview, type SlotSummary } from '../protocol/public-api.ts'
import { slotPeriodMs } from '../protocol/schedule.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { findAlerts, quietAlert } from './store/alerts.ts'
import { recentSlots, slotCell } from './store/slots.ts'

/** What a bar shows at most of a check that runs rarely. */
const BAR_REACH_MAX_MS = 31 * 86_400_000

/** Slots of a check in its bars lie within so much time: a bar and some. */
const barReachMs = (check: CheckDefinition, now: number) =>
  Math.min(BAR_REACH_MAX_MS, slotPeriodMs(check, now) * (BAR_SLOTS + 2))

/** The last slots of checks in each of their regions, with their alerts. */
export async function overviewsOf(
  { store, clock }: CoordinatorParts,
  checks: CheckDefinition[],
): Promise<CheckOverview[]> {
  const now = clock.now()
  const alerts = await findAlerts(store)
  const slots = await recentSlots(store, {
    checkIds: checks.map((check) => check.id),
    perRegion: BAR_SLOTS,
    since: now - Math.max(0, ...checks.map((check) => barReachMs(check, now))),
  })
  return checks.map((check) => ({
    checkId: check.id,
    serviceId: check.serviceId,
    name: check.name,
    kind: check.kind,
    tier: check.tier,
    alert: alerts.get(check.id) ?? quietAlert(now, check.regions),
    regions: check.regions.map((regionId) => {
      const bar = slots.get(slotCell(check.id, regionId)) ?? []
      const durationMsP50 = median(bar)
      return { regionId, slots: bar, ...(durationMsP50 !== undefined && { durationMsP50 }) }
    }),
  }))
}

/** Median duration of the runs that say something about the target. */
function median(slots: SlotSummary[]): number | undefined {
  const durations = slots
    .filter((slot) => slot.end === 'passed' || slot.end === 'degraded' || slot.end === 'failed')
    .flatMap((slot) => slot.durationMs ?? [])
    .toSorted((a, b) => a - b)
  return durations[Math.floor(durations.length / 2)]
}
