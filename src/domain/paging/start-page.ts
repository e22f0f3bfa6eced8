import type { Incident } from '../../protocol/incident.ts'
import type { Page } from '../../protocol/page.ts'
import type { Escalation } from '../on-call/escalations-for.ts'

/** A page as it begins, with a copy of what it goes by. Its first step is due after that step's time. */
export function startPage(
  incident: Pick<Incident, 'id' | 'severity' | 'generation'>,
  {
    escalation,
    cause,
    number,
    now,
  }: {
    escalation: Escalation
    cause: string
    /** 1, 2, 3 … within the incident. */
    number: number
    now: number
  },
): Page {
  const { id, as, because, ladder, isOnce } = escalation
  return {
    pageId: `${incident.id}.p${number}`,
    incidentId: incident.id,
    escalationId: id,
    ...{ as, because, cause, ladder },
    ...(isOnce && { isOnce }),
    severity: incident.severity,
    generation: incident.generation,
    startedAt: now,
    state: 'running',
    stateSince: now,
    dueAt: now + (ladder.steps[0]?.afterMs ?? 0),
    next: { round: 1, step: 1 },
    called: [],
  }
}
