import type { Severity } from '../../../protocol/config.ts'
import type { Incident } from '../../../protocol/incident.ts'
import { openFindings } from '../moves.ts'
import type { Draft } from '../stamp-events.ts'
import { isWorse } from '../suggest-severity.ts'
import {
  carryOut,
  type Decision,
  type Order,
  type Refusal,
  refuseState,
  refuseWithoutReason,
} from './order.ts'

/**
 * Raises the severity, which anybody may without a reason, or lowers it, which needs one. What the
 * person knew of when they lowered it does not raise it again by itself.
 */
export function changeSeverity(
  incident: Incident,
  order: Order,
  { to, reason }: { to: Severity; reason?: string | undefined },
): Decision {
  return carryOut(incident, order, reason, () => {
    const refused = refuseState(
      incident,
      ['triage', 'mitigating', 'verifying', 'restored', 'resolved'],
      'another severity',
    )
    return refused ?? changeSeverityDrafts(incident, to, reason)
  })
}

/** The event that changes the severity, or why it does not change. */
export function changeSeverityDrafts(
  incident: Incident,
  to: Severity,
  reason: string | undefined,
): Draft[] | Refusal {
  const from = incident.severity
  if (from === to) return { code: 'incident.no_change', reason: `${incident.id} is ${to} already` }
  if (isWorse(to, from)) {
    const words = (reason ?? '').trim() === '' ? 'A person raised it.' : (reason ?? '')
    return [{ type: 'severity_raised', from, to, reason: words, isNews: true }]
  }
  return (
    refuseWithoutReason(reason, 'lowering the severity') ?? [
      { type: 'severity_lowered', from, to, reason: reason ?? '', knowing: knownOf(incident) },
    ]
  )
}

const knownOf = (incident: Incident) => [
  ...openFindings(incident).map(({ key, scope, severity }) => ({
    key,
    scope,
    ...(severity !== undefined && { severity }),
  })),
  ...(incident.countedFindings ?? []),
]
