import type { Incident, IncidentEvent, KnownFinding } from '../../../protocol/incident.ts'
import { isOpen, isOpenOn, openCount, openFindings } from '../moves.ts'
import type { Draft } from '../stamp-events.ts'
import { isWorse } from '../suggest-severity.ts'
import { FINDINGS_IN_FULL_MAX, reachesFurther } from '../transition.ts'
import {
  carryOut,
  type Decision,
  type Order,
  refuseMove,
  refuseWithoutReason,
  sign,
} from './order.ts'

/** A command that changes a second incident together with the one it is given to. */
export type PairDecision =
  | { kind: 'accepted'; events: IncidentEvent[]; others: IncidentEvent[] }
  | Extract<Decision, { kind: 'rejected' }>

/**
 * Makes `incident` a part of `into`, which takes over its findings and all that later becomes of them.
 * `events` are for the first, `others` for the second.
 */
export function merge(
  incident: Incident,
  into: Incident,
  order: Order,
  reason: string,
): PairDecision {
  const own = carryOut(
    incident,
    order,
    reason,
    () =>
      refuseMove(incident, 'merged') ??
      refuseTarget(incident, into) ??
      refuseWithoutReason(reason, 'merging') ?? [{ type: 'merged', into: into.id, reason }],
  )
  if (own.kind === 'rejected') return own
  if (own.events.length === 0) return { ...own, others: [] }
  const { occurredAt: _, ...today } = order
  return { ...own, others: sign(into, today, takeOver(incident, into, reason)) }
}

function refuseTarget(incident: Incident, into: Incident) {
  const code = 'incident.cannot_join' as const
  if (incident.id === into.id)
    return { code, reason: `${incident.id} cannot become a part of itself` }
  if (!isOpen(into))
    return {
      code,
      reason: `${into.id} is ${into.state}; another incident joins only one that is open`,
    }
  return undefined
}

function takeOver(incident: Incident, into: Incident, reason: string): Draft[] {
  const findings = incident.findings
    .filter(({ key }) => !isOpenOn(into, key))
    .map((finding) => withService(finding, incident, into))
  const open = openFindings({ findings })
  const clear = findings.filter((finding) => finding.clearedAt !== undefined)
  const room = Math.max(0, FINDINGS_IN_FULL_MAX - openFindings(into).length)
  const inFull = open.slice(0, room)
  const counted = [
    ...open.slice(room).map(({ key, scope }) => ({ key, scope })),
    ...(incident.countedFindings ?? []).filter(({ key }) => !isOpenOn(into, key)),
  ]
  const spare = Math.max(0, FINDINGS_IN_FULL_MAX - into.findings.length - inFull.length)
  const isStillWrong = openCount(incident) > 0 || incident.isByHand === true
  const words = `${incident.id} became a part of it: ${reason}`
  const knowing = incident.loweredKnowing
  return [
    ...(into.state === 'verifying' && isStillWrong
      ? [{ type: 'relapsed' as const, reason: words }]
      : []),
    {
      type: 'absorbed',
      from: incident.id,
      findings: [...inFull, ...clear.slice(0, spare)],
      counted,
      ...(knowing !== undefined && { loweredKnowing: knowing }),
      ...(incident.isByHand === true && { isByHand: true }),
      ...(incident.dataAtRisk && !into.dataAtRisk && { dataAtRisk: incident.dataAtRisk }),
      isNews: open.some((finding) => reachesFurther(into, finding)),
    },
    ...(into.state === 'triage' && incident.state === 'mitigating'
      ? [{ type: 'declared' as const, note: words }]
      : []),
    ...(isWorse(incident.severity, into.severity)
      ? [
          {
            type: 'severity_raised' as const,
            from: into.severity,
            to: incident.severity,
            reason: `${incident.id}, which became a part of it, is ${incident.severity}`,
            isNews: true,
          },
        ]
      : []),
  ]
}

function withService(finding: KnownFinding, from: Incident, into: Incident): KnownFinding {
  const { serviceId: own = from.serviceId, ...rest } = finding
  return own === into.serviceId ? rest : { ...rest, serviceId: own }
}
