import { judgeSilence } from '../domain/alerting/judge-silence.ts'
import type { RegionStatus } from '../protocol/public-api.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { listProbes, regionsHeard } from './store/probes.ts'

/** Each region with its probes, judged by when the coordinator last heard of them. */
export async function regionStatuses(parts: CoordinatorParts): Promise<RegionStatus[]> {
  const { store, fleet, clock, listening, commands } = parts
  const now = clock.now()
  const heard = await regionsHeard(store)
  const probes = await listProbes(store)
  const judge = (lastHeardAt: number | undefined) =>
    judgeSilence({
      lastHeardAt,
      listeningSince: listening.since,
      silentAfterMs: fleet.silentAfterMs,
      now,
    })

  return fleet.regions.map((region) => {
    const lastHeardAt = heard.get(region.id)
    return {
      regionId: region.id,
      name: region.name,
      state: judge(lastHeardAt).state,
      ...(lastHeardAt !== undefined && { lastSeenAt: lastHeardAt }),
      takesCommands: commands.isListening(region.id),
      probes: probes
        .filter((probe) => probe.regionId === region.id)
        .map((probe) => ({
          ...probe,
          state: judge(probe.lastSeenAt).state === 'silent' ? 'silent' : 'ok',
        })),
    }
  })
}
