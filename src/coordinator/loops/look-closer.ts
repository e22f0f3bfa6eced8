import { randomUUID } from 'node:crypto'
import { extraLooks } from '../../domain/incident/verification/extra-looks.ts'
import { defineLoop, type Loop } from '../../runtime/loop.ts'
import { askRegions } from '../ask-regions.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { followedIncidents } from '../store/incidents.ts'
import { checksOfIncident } from '../verification-desk.ts'

/** A look that comes later than this is none between two slots any more. */
const LATE_MS_MAX = 5_000

/**
 * Has the checks of incidents that verify or are watched run twice as often: on command, half-way between
 * their slots. It follows from what the incidents are at the moment, so nothing has to be undone, and a
 * restart forgets nothing.
 */
export function lookCloser(): Loop<CoordinatorParts> {
  let askedUntil: number | undefined
  return defineLoop<CoordinatorParts>({
    name: 'look-closer',
    everyMs: 500,
    deadlineMs: 5_000,
    async run(parts) {
      const { store, clock } = parts
      const until = clock.now()
      const after = Math.max(askedUntil ?? until, until - LATE_MS_MAX)
      askedUntil = until
      const closely = (await followedIncidents(store, until)).filter(
        ({ state, watch }) => state === 'verifying' || (watch && until < watch.until),
      )
      const checks = new Map(
        closely
          .flatMap((incident) => checksOfIncident(parts, incident))
          .map((check) => [check.id, check] as const),
      )
      for (const check of checks.values()) {
        const regions = extraLooks(check, { after, until })
        if (regions.length > 0)
          askRegions(parts, check, regions, { commandId: randomUUID(), reason: 'closer_look' })
      }
    },
  })
}
