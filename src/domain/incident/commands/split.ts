import type { Severity, SeverityRule } from '../../../protocol/config.ts'
import type { Incident, KnownFinding } from '../../../protocol/incident.ts'
import { openCount, openFindings } from '../moves.ts'
import type { Draft } from '../stamp-events.ts'
import { isWorse, suggestSeverity } from '../suggest-severity.ts'
import { classified } from '../transition.ts'
import type { PairDecision } from './merge.ts'
import {
  carryOut,
  type Order,
  type Refusal,
  refuseState,
  refuseWithoutReason,
  sign,
} from './order.ts'

export type Split = {
  /** Findings that are open and told in full. At least one must stay. */
  keys: readonly string[]
  reason: string
  /** Of the incident that begins with them. */
  newId: string
  title: string
  severityRules: readonly SeverityRule[]
}

/**
 * Findings turn out to be another incident. `events` are for the one they leave, `others` open the new
 * one, which is as declared as the first and as severe as its own findings make it.
 */
export function split(incident: Incident, order: Order, options: Split): PairDecision {
  const { keys, reason, newId } = options
  const own = carryOut(
    incident,
    order,
    reason,
    () =>
      refuseState(incident, ['triage', 'mitigating'], 'splitting') ??
      refuseKeys(incident, keys) ??
      refuseWithoutReason(reason, 'splitting') ?? [
        { type: 'split_off', into: newId, keys: [...keys], reason },
      ],
  )
  if (own.kind === 'rejected') return own
  if (own.events.length === 0) return { ...own, others: [] }
  const { occurredAt: _, ...today } = order
  return { ...own, others: sign(undefined, today, openWith(incident, options)) }
}

function refuseKeys(incident: Incident, keys: readonly string[]): Refusal | undefined {
  const code = 'incident.finding_unknown'
  const open = openFindings(incident).map(({ key }) => key)
  const unknown = keys.find((key) => !open.includes(key))
  if (unknown !== undefined)
    return { code, reason: `${unknown} is no open finding of ${incident.id}` }
  if (keys.length === 0) return { code, reason: 'name at least one finding to split off' }
  if (openCount(incident) <= new Set(keys).size)
    return { code, reason: `one finding must stay: with all of them ${incident.id} would be empty` }
  return undefined
}

function openWith(incident: Incident, { keys, reason, title, severityRules }: Split): Draft[] {
  const findings = incident.findings.filter(({ key }) => keys.includes(key))
  const knowing = incident.loweredKnowing?.filter(({ key }) => keys.includes(key)) ?? []
  const suggested =
    knowing.length > 0
      ? { severity: incident.severity, reason: incident.severityReason }
      : worstOf(findings, severityRules, incident)
  return [
    {
      type: 'opened',
      serviceId: incident.serviceId,
      title,
      severity: suggested.severity,
      severityReason: suggested.reason,
    },
    {
      type: 'split_from',
      from: incident.id,
      findings,
      ...(knowing.length > 0 && { loweredKnowing: knowing }),
    },
    ...(incident.state === 'mitigating' ? [{ type: 'declared' as const, note: reason }] : []),
  ]
}

function worstOf(
  findings: readonly KnownFinding[],
  rules: readonly SeverityRule[],
  incident: Incident,
): { severity: Severity; reason: string } {
  const known = classified(findings)
  const all = known.map((finding, index) =>
    suggestSeverity(rules, finding, known.toSpliced(index, 1)),
  )
  return all.reduce((worst, next) => (isWorse(next.severity, worst.severity) ? next : worst), {
    ...(all[0] ?? { severity: incident.severity, reason: incident.severityReason }),
  })
}
