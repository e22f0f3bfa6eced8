import type { Incident } from '../../protocol/incident.ts'
import type { BurnDecision } from './evaluate-burn.ts'

export type BurnPlacement = { kind: 'report' | 'hold' | 'clear'; reason: string }

/**
 * Decides what an objective's alert means for the incident that its service has, if any.
 *
 * A burn rate looks back for an hour, so it goes on for minutes after the trouble has ended, and tells
 * what failing checks have told before. It is a finding of its own where nothing else tells of it: a
 * slow bleeding. What failing checks explain neither joins their incident nor keeps it from ending.
 *
 * @param incident the newest that a finding of the service would join.
 * @param lastBadAt slot of the newest bad run, or a little before it.
 */
export function placeBurn(
  key: string,
  decision: BurnDecision,
  incident: Pick<Incident, 'id' | 'state' | 'findings' | 'recoveredAt'> | undefined,
  lastBadAt: number | undefined,
): BurnPlacement {
  const { state, window, reason } = decision
  // What is unknown changes nothing, and neither does silence.
  if (state === 'blind' || (state === 'burning' && !window)) return { kind: 'hold', reason }
  if (window?.action !== 'page') return { kind: 'clear', reason }
  if (!incident) return { kind: 'report', reason }

  const others = incident.findings.filter((finding) => finding.kind === 'check_failing')
  const isKnown = incident.findings.some(
    (finding) => finding.key === key && finding.clearedAt === undefined,
  )
  const isOver =
    others.length > 0 &&
    others.every(({ clearedAt }) => clearedAt !== undefined && (lastBadAt ?? 0) <= clearedAt)
  if (isKnown && isOver)
    return { kind: 'clear', reason: 'the checks that burnt the budget pass again' }
  if (isKnown) return { kind: 'report', reason }

  if (others.some(({ clearedAt }) => clearedAt === undefined))
    return { kind: 'hold', reason: `failing checks of ${incident.id} tell of it` }
  if (incident.recoveredAt === undefined) return { kind: 'report', reason }
  if (lastBadAt !== undefined && lastBadAt > incident.recoveredAt) return { kind: 'report', reason }
  return { kind: 'hold', reason: `these failures are those of ${incident.id}, which are over` }
}
