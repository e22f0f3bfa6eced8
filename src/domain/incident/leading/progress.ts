import type { Incident } from '../../../protocol/incident.ts'
import { NO_PROGRESS_MS } from '../../../protocol/leading.ts'
import type { Draft } from '../stamp-events.ts'

/**
 * Says that nobody has found, decided or done anything for {@link NO_PROGRESS_MS}, and says it again
 * after as long. Acknowledging is not progress; that something else fails is not either.
 */
export function missProgress(incident: Incident, now: number): Draft[] {
  const dueAt = progressDueAt(incident)
  const since = lastProgress(incident)
  if (dueAt === undefined || since === undefined || now < dueAt) return []
  return [{ type: 'progress_missing', since }]
}

/** When {@link missProgress} next has something to say, as long as nothing happens. */
export function progressDueAt(incident: Incident): number | undefined {
  const { state, severity, mitigated, nudgedAt = 0 } = incident
  const isUrgent = severity === 'SEV-1' || severity === 'SEV-2'
  const since = lastProgress(incident)
  // Once a person says that the impact is over, the evidence has the word.
  if (state !== 'mitigating' || !isUrgent || mitigated || since === undefined) return undefined
  return Math.max(since, nudgedAt) + NO_PROGRESS_MS
}

/** When anybody last did anything, from the declaration on; undefined where nobody has declared it. */
export const lastProgress = ({
  declared,
  stateSince = 0,
  progressAt = 0,
  mitigations = [],
}: Incident): number | undefined =>
  declared === undefined
    ? undefined
    : Math.max(declared.at, stateSince, progressAt, ...mitigations.map(({ at }) => at))
