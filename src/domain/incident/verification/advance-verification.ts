import type { Incident, IncidentEvent } from '../../../protocol/incident.ts'
import type { GateStatus, WatchedCheck } from '../../../protocol/verification.ts'
import { openCount } from '../moves.ts'
import { type Draft, recordedAfter, SYSTEM, stampEvents } from '../stamp-events.ts'
import { completeVerification } from '../transition.ts'
import { brokenCondition, unmetConditions } from './judge-gate.ts'
import { isGrave, REVIEW_WITHIN_MS, watchForOf } from './verify-for.ts'

/**
 * What becomes of an incident that verifies, by what the gate says: something broke and the time begins
 * anew, or the time is over and everything holds, and it is restored; nothing otherwise.
 *
 * @param watched the checks with the tighter rules that they are watched by from then on.
 */
export function advanceVerification(
  incident: Incident,
  gate: GateStatus,
  { now, verifyForMs, watched }: { now: number; verifyForMs: number; watched: WatchedCheck[] },
): IncidentEvent[] {
  if (incident.state !== 'verifying' || openCount(incident) > 0) return []
  const broken = brokenCondition(gate)
  if (broken)
    return stampEvents(
      incident,
      [
        {
          type: 'gate_restarted',
          condition: broken.name,
          reason: broken.reason,
          verifyUntil: recordedAfter(incident, now) + verifyForMs,
        },
      ],
      { now, actor: SYSTEM },
    )
  if (unmetConditions(gate).length > 0) return []
  const restored = completeVerification(incident, now)
  const last = restored.at(-1)
  if (!last) return []
  return [
    ...restored,
    ...stampEvents(
      { lastSequence: last.sequence, updatedAt: last.recordedAt },
      afterRestored(incident, { now: last.recordedAt, watched }),
      { now, actor: SYSTEM },
    ),
  ]
}

/** What begins when an incident is restored: its watch and, where there is none yet, its review. */
export function afterRestored(
  incident: Pick<Incident, 'severity' | 'postmortem'>,
  { now, watched }: { now: number; watched: WatchedCheck[] },
): Draft[] {
  const watchForMs = watchForOf(incident.severity)
  return [
    ...(watchForMs === undefined
      ? []
      : [{ type: 'watch_started' as const, until: now + watchForMs, checks: watched }]),
    ...(isGrave(incident.severity) && incident.postmortem === undefined
      ? [{ type: 'postmortem_moved' as const, to: 'draft' as const, dueAt: now + REVIEW_WITHIN_MS }]
      : []),
  ]
}

/** Ends a watch whose time is over. Its end was fixed when it began. */
export function endWatch(incident: Incident, now: number): IncidentEvent[] {
  const { watch } = incident
  if (!watch || now < watch.until) return []
  return stampEvents(
    incident,
    [{ type: 'watch_ended', reason: 'nothing came back; the usual rules hold again' }],
    { now, actor: SYSTEM },
  )
}
