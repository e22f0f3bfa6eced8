import type { Tier } from '../../../protocol/check-base.ts'
import type { SeverityRule } from '../../../protocol/config.ts'
import type { Incident } from '../../../protocol/incident.ts'
import { openFindings } from '../moves.ts'
import type { Draft } from '../stamp-events.ts'
import { isWorse, suggestForData } from '../suggest-severity.ts'
import { classified } from '../transition.ts'
import { carryOut, type Decision, type Order, refuseState, refuseWithoutReason } from './order.ts'

/** What decides how severe an incident becomes by the flag. */
export type DataContext = {
  severityRules: readonly SeverityRule[]
  services: readonly { id: string; tier: Tier }[]
}

/**
 * Somebody fears that data is lost or wrong. Anybody may say so, because whoever reads figures or talks to
 * customers sees it first; it raises the severity where a rule says so, and never lowers it. Said again in
 * other words, it is news again.
 */
export function flagData(
  incident: Incident,
  order: Order,
  { what }: { what: string },
  context: DataContext,
): Decision {
  return carryOut(incident, order, what, () => {
    const refused =
      refuseState(
        incident,
        ['triage', 'mitigating', 'verifying', 'restored', 'resolved'],
        'the flag that data is at risk',
      ) ?? refuseWithoutReason(what, 'the flag that data is at risk')
    if (refused)
      return refused.code === 'incident.reason_missing'
        ? { ...refused, reason: `${refused.reason}: which data may be lost or wrong` }
        : refused
    if (incident.dataAtRisk?.what === what)
      return {
        code: 'incident.no_change',
        reason: `${incident.dataAtRisk.by} has said so of ${incident.id} already`,
      }
    return dataDrafts(incident, { what, by: order.by }, context)
  })
}

/** It is known that the data is whole. The severity stays: lowering it is a decision of its own. */
export function withdrawData(
  incident: Incident,
  order: Order,
  { reason }: { reason: string },
): Decision {
  return carryOut(
    incident,
    order,
    reason,
    () =>
      refuseState(
        incident,
        ['triage', 'mitigating', 'verifying', 'restored', 'resolved'],
        'taking back that data is at risk',
      ) ??
      refuseUnflagged(incident) ??
      refuseWithoutReason(reason, 'taking back that data is at risk') ?? [
        { type: 'data_at_risk_withdrawn', reason },
      ],
  )
}

/** The flag, and the severity that it asks for where that is worse. */
export function dataDrafts(
  incident: Pick<Incident, 'serviceId' | 'severity' | 'findings'>,
  flag: { what: string; by: string },
  { severityRules, services }: DataContext,
): Draft[] {
  const { serviceId, severity } = incident
  const tier = services.find(({ id }) => id === serviceId)?.tier
  const suggested = suggestForData(severityRules, flag, classified(openFindings(incident)), tier)
  return [
    { type: 'data_at_risk', what: flag.what },
    ...(suggested && isWorse(suggested.severity, severity)
      ? [
          {
            type: 'severity_raised' as const,
            from: severity,
            to: suggested.severity,
            reason: suggested.reason,
            isNews: true,
          },
        ]
      : []),
  ]
}

const refuseUnflagged = ({ id, dataAtRisk }: Incident) =>
  dataAtRisk
    ? undefined
    : {
        code: 'incident.no_change' as const,
        reason: `nobody has said that data of ${id} is at risk`,
      }
