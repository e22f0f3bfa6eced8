import { judgeSilence } from '../domain/alerting/judge-silence.ts'
import type { ProbeStatus, RegionStatus } from '../protocol/public-api.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { listCredentials } from './store/credentials.ts'
import { listProbes, regionsHeard } from './store/probes.ts'
import type { Session } from './store/store.ts'

/** Each region with its probes, judged by when the coordinator last heard of them. */
export async function regionStatuses(parts: CoordinatorParts): Promise<RegionStatus[]> {
  const { store, fleet, clock, listening, commands } = parts
  const now = clock.now()
  const heard = await regionsHeard(store)
  const probes = await listProbes(store)
  const credentials = await probeCredentials(store, now)
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
          ...credentials.get(probe.probeId),
        })),
    }
  })
}

/** More probes than one coordinator has; those beyond are shown as if they shared a token. */
const CREDENTIALS_MAX = 2_000

/** The credential of each probe that has one of its own. */
async function probeCredentials(
  store: Session,
  now: number,
): Promise<Map<string, Pick<ProbeStatus, 'credential'>>> {
  const found = await listCredentials(store, {
    kinds: ['probe'],
    goodAt: now,
    limit: CREDENTIALS_MAX,
  })
  return new Map(
    found.map(({ id, createdAt, details }) => [
      details.probeId ?? '',
      { credential: { tokenId: id, since: createdAt } },
    ]),
  )
}
