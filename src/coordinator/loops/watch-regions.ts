import { judgeSilence } from '../../domain/alerting/judge-silence.ts'
import {
  failsAlone,
  type RegionTrouble,
  troubledRegions,
} from '../../domain/suppression/troubled-regions.ts'
import { FLEET_SERVICE } from '../../protocol/ids.ts'
import type { Finding } from '../../protocol/incident.ts'
import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import {
  clear,
  findingsOpen,
  regionFindingKey,
  regionTroubleKey,
  report,
} from '../incident-desk.ts'
import { findAlerts, hasTrouble, markAlertsDue } from '../store/alerts.ts'
import { regionsHeard } from '../store/probes.ts'

/**
 * Notices a region that says nothing any more. What it watched is then unknown, neither up nor down:
 * the finding is about the region, not about its targets.
 */
export const watchRegions = defineLoop<CoordinatorParts>({
  name: 'watch-regions',
  everyMs: 1_000,
  deadlineMs: 10_000,
  async run(parts) {
    const { store, fleet, clock, listening, feed, wake } = parts
    listening.beat()
    const { since: listeningSince } = listening
    const now = clock.now()
    const heard = await regionsHeard(store)
    const known = await findingsOpen(store, FLEET_SERVICE)
    for (const region of fleet.regions) {
      const lastHeardAt = heard.get(region.id)
      const judgement = judgeSilence({
        lastHeardAt,
        listeningSince,
        silentAfterMs: fleet.silentAfterMs,
        now,
      })
      if (judgement.state === 'waiting') continue
      // Nothing to write in most passes; whether that is so is decided again under the lock.
      if (known.has(regionFindingKey(region.id)) === (judgement.state === 'silent')) continue
      const incidentId = await store.transaction((tx) =>
        judgement.state === 'silent'
          ? report(tx, parts, {
              serviceId: FLEET_SERVICE,
              finding: silenceFinding(region.id, lastHeardAt ?? listeningSince, judgement.reason),
              evidence: [],
            })
          : clear(tx, parts, {
              serviceId: FLEET_SERVICE,
              key: regionFindingKey(region.id),
              reason: judgement.reason,
            }),
      )
      if (incidentId === undefined) continue
      feed.publish([
        { type: 'incident', incidentId },
        { type: 'region', regionId: region.id },
      ])
      wake.deliver()
    }
    await watchTroubledRegions(parts, known)
  },
})

/**
 * Notices a region in which most checks fail although other regions see their targets well. One finding
 * tells it; the alerts about that region alone are told to nobody meanwhile.
 */
async function watchTroubledRegions(
  parts: CoordinatorParts,
  known: ReadonlySet<string>,
): Promise<void> {
  const { store, fleet, clock, feed, wake } = parts
  const before = fleet.regions.map(({ id }) => id).filter((id) => known.has(regionTroubleKey(id)))
  if (before.length === 0 && !(await hasTrouble(store))) return parts.troubledRegions.clear()
  const alerts = await findAlerts(store)
  const troubled = troubledRegions(alerts.values(), new Set(before))
  parts.troubledRegions.clear()
  for (const region of troubled.keys()) parts.troubledRegions.add(region)

  for (const { id } of fleet.regions) {
    const trouble = troubled.get(id)
    const isCore = fleet.checks.some((check) => {
      const alert = check.tier === 'core' && alerts.get(check.id)
      return alert && failsAlone(id, alert)
    })
    const isKnown = before.includes(id)
    // What began with checks of lesser importance may reach a core one; the same again is no news.
    if ((trouble !== undefined) === isKnown && !(trouble && isCore)) continue
    const incidentId = await store.transaction((tx) =>
      trouble
        ? report(tx, parts, {
            serviceId: FLEET_SERVICE,
            finding: troubleFinding(id, trouble, { isCore, since: clock.now() }),
            evidence: [],
          })
        : clear(tx, parts, {
            serviceId: FLEET_SERVICE,
            key: regionTroubleKey(id),
            reason: 'most checks do not fail in this region alone any more',
          }),
    )
    if (isKnown && trouble) {
      if (incidentId === undefined) continue
      feed.publish([{ type: 'incident', incidentId }])
      wake.deliver()
      continue
    }
    // What was not told because of the region, or is not to be told now, is looked at again.
    const affected = [...alerts].filter(([, { implicated }]) => implicated?.includes(id))
    await markAlertsDue(
      store,
      affected.map(([checkId]) => checkId),
    )
    wake.evaluateAlerts()
    wake.deliver()
    if (incidentId !== undefined) feed.publish([{ type: 'incident', incidentId }])
  }
}

/**
 * As severe as what fails there: whether the region or one of its checks is found first is chance. What is
 * of no core function is for working hours.
 */
function troubleFinding(
  regionId: string,
  { failing, of }: RegionTrouble,
  { isCore, since }: { isCore: boolean; since: number },
): Finding {
  return {
    key: regionTroubleKey(regionId),
    kind: 'region_failing',
    subject: regionId,
    tier: isCore ? 'core' : 'standard',
    scope: 'regional',
    regions: [regionId],
    regionsWatching: 1,
    since,
    reason: `${failing} of ${of} checks fail there and pass elsewhere`,
    ...(!isCore && { severity: 'SEV-3' as const }),
  }
}

function silenceFinding(regionId: string, since: number, reason: string): Finding {
  return {
    key: regionFindingKey(regionId),
    kind: 'region_silent',
    subject: regionId,
    tier: 'standard',
    scope: 'regional',
    regions: [regionId],
    regionsWatching: 1,
    since,
    reason,
  }
}
