import type { Firing } from './backtest.ts'
import type { Incident } from './incident.ts'

/** An incident that went on for so long was real, whether anybody said so or not. */
export const LASTED_MS = 5 * 60_000

export type RecordedIncident = Pick<
  Incident,
  'id' | 'title' | 'state' | 'impactStartedAt' | 'recoveredAt' | 'findings'
>

export type JudgedFiring = Firing & {
  /** From the first bad run to the alert. */
  detectionMs?: number
  /** The real incident that it overlaps; false when there is none. */
  incidentId?: string
}

export type Comparison = {
  firings: JudgedFiring[]
  real: number
  false: number
  /** Real incidents of the check that no alert overlaps. */
  missed: { id: string; title: string; impactStartedAt: number }[]
}

/**
 * Compares alerts with the incidents on record of the check's service. An incident is real when a person
 * took it on or it lasted for {@link LASTED_MS}, and nobody said that it was none. An alert is real when
 * it overlaps one, whichever check saw it; missed is only what the check itself had seen.
 */
export function compareFirings(
  firings: readonly Firing[],
  incidents: readonly RecordedIncident[],
  { checkId, until }: { checkId: string; until: number },
): Comparison {
  const real = incidents.filter((incident) => isReal(incident, until))
  const judged = firings.map((firing): JudgedFiring => {
    const { firedAt, badSince } = firing
    const incident = real.find((candidate) => overlap(firing, candidate, until))
    return {
      ...firing,
      ...(badSince !== undefined && { detectionMs: Math.max(0, firedAt - badSince) }),
      ...(incident && { incidentId: incident.id }),
    }
  })
  const realCount = judged.filter(({ incidentId }) => incidentId !== undefined).length
  return {
    firings: judged,
    real: realCount,
    false: judged.length - realCount,
    missed: real
      .filter((incident) => incident.findings.some((finding) => finding.checkId === checkId))
      .filter((incident) => !firings.some((firing) => overlap(firing, incident, until)))
      .map(({ id, title, impactStartedAt }) => ({ id, title, impactStartedAt })),
  }
}

function isReal({ state, impactStartedAt, recoveredAt }: RecordedIncident, until: number): boolean {
  if (state === 'declined' || state === 'cancelled') return false
  const isTaken = state === 'mitigating' || state === 'resolved' || state === 'closed'
  return isTaken || (recoveredAt ?? until) - impactStartedAt >= LASTED_MS
}

const overlap = (
  { firedAt, badSince, endedAt }: Firing,
  { impactStartedAt, recoveredAt }: RecordedIncident,
  until: number,
): boolean =>
  (badSince ?? firedAt) <= (recoveredAt ?? until) && impactStartedAt <= (endedAt ?? until)
