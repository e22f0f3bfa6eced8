import { Severity } from '../../protocol/config.ts'
import type { Incident } from '../../protocol/incident.ts'
import { isOpen } from './moves.ts'

/**
 * How long an incident had each severity while it was open, the worst first, those that it had only.
 * One from before this was kept counts as if it always had the last one.
 */
export function timeInSeverity(
  incident: Pick<Incident, 'severity' | 'severityTimes' | 'state' | 'openedAt'>,
  now: number,
): { severity: Severity; ms: number }[] {
  const { spentMs, since } = incident.severityTimes ?? {
    spentMs: {},
    since: isOpen(incident) ? incident.openedAt : undefined,
  }
  const running = since === undefined ? undefined : Math.max(0, now - since)
  return Severity.options.flatMap((severity) => {
    const current = severity === incident.severity ? running : undefined
    if (spentMs[severity] === undefined && current === undefined) return []
    return [{ severity, ms: (spentMs[severity] ?? 0) + (current ?? 0) }]
  })
}
