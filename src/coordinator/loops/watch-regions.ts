import { judgeSilence } from '../../domain/alerting/judge-silence.ts'
import { FLEET_SERVICE } from '../../protocol/ids.ts'
import type { Finding } from '../../protocol/incident.ts'
import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { clear, findingsOpen, regionFindingKey, report } from '../incident-desk.ts'
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
  },
})

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
