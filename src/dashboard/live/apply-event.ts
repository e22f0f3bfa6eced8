import type { CheckOverview, LiveEvent, Now, SlotSummary } from '../../protocol/public-api.ts'
import { BAR_SLOTS } from '../../protocol/public-paths.ts'

/**
 * What a live event changes in data that is already loaded. Pure; gives the same object back when
 * the event changes nothing, so that nothing is drawn again.
 */
export function applyToNow(now: Now, event: LiveEvent): Now {
  if (event.type !== 'slot' && event.type !== 'alert') return now
  const services = mapChanged(now.services, (service) => {
    const checks = mapChanged(service.checks, (check) => applyToCheck(check, event))
    return checks === service.checks ? service : { ...service, checks }
  })
  return services === now.services ? now : { ...now, services }
}

export function applyToCheck(check: CheckOverview, event: LiveEvent): CheckOverview {
  if (event.type === 'alert' && event.checkId === check.checkId)
    return { ...check, alert: event.alert }
  if (event.type !== 'slot' || event.checkId !== check.checkId) return check
  const regions = mapChanged(check.regions, (region) => {
    if (region.regionId !== event.regionId) return region
    const slots = placeSlot(region.slots, event.slot)
    const { durationMsP50: _, ...rest } = region
    const durationMsP50 = medianDuration(slots)
    return { ...rest, slots, ...(durationMsP50 !== undefined && { durationMsP50 }) }
  })
  return regions === check.regions ? check : { ...check, regions }
}

/** The bar with the slot in its place, oldest first, at most {@link BAR_SLOTS}. */
function placeSlot(slots: readonly SlotSummary[], slot: SlotSummary): SlotSummary[] {
  return [...slots.filter(({ slotAt }) => slotAt !== slot.slotAt), slot]
    .toSorted((a, b) => a.slotAt - b.slotAt)
    .slice(-BAR_SLOTS)
}

/** As the coordinator counts it: of the runs that say something about the target. */
function medianDuration(slots: readonly SlotSummary[]): number | undefined {
  const durations = slots
    .filter(({ end }) => end === 'passed' || end === 'degraded' || end === 'failed')
    .flatMap(({ durationMs }) => durationMs ?? [])
    .toSorted((a, b) => a - b)
  return durations[Math.floor(durations.length / 2)]
}

function mapChanged<T>(items: T[], change: (item: T) => T): T[] {
  const changed = items.map(change)
  return changed.every((item, index) => item === items[index]) ? items : changed
}
