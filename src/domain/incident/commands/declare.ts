import type { Severity } from '../../../protocol/config.ts'
import type { DeclinedAs, Incident } from '../../../protocol/incident.ts'
import { OPEN_STATES } from '../../../protocol/incident.ts'
import { changeSeverityDrafts } from './change-severity.ts'
import { type DataContext, dataDrafts } from './data-at-risk.ts'
import {
  carryOut,
  type Decision,
  type Order,
  refuseMove,
  refuseState,
  refuseWithoutReason,
  reject,
  sign,
  withNote,
} from './order.ts'

/** How far back a person may say that the impact of a new incident began. */
export const DECLARED_BACK_MS_MAX = 7 * 24 * 3_600_000

/** Where nobody is asked about data. */
const NO_RULES: DataContext = { severityRules: [], services: [] }

/** An incident in triage becomes one that people work on together, at once as severe as they say. */
export function declare(
  incident: Incident,
  order: Order,
  {
    note,
    severity,
    dataAtRisk,
  }: {
    note?: string | undefined
    severity?: Severity | undefined
    dataAtRisk?: string | undefined
  } = {},
  context: DataContext = NO_RULES,
): Decision {
  return carryOut(incident, order, note, () => {
    const refused = refuseMove(incident, 'mitigating') ?? notFromTriage(incident)
    if (refused) return refused
    const changed =
      severity === undefined || severity === incident.severity
        ? []
        : changeSeverityDrafts(incident, severity, note)
    if (!Array.isArray(changed)) return changed
    const isFlagged = dataAtRisk !== undefined && dataAtRisk !== incident.dataAtRisk?.what
    return [
      { type: 'declared', ...withNote(note) },
      ...changed,
      ...(isFlagged
        ? dataDrafts(
            { ...incident, severity: severity ?? incident.severity },
            { what: dataAtRisk, by: order.by },
            context,
          )
        : []),
    ]
  })
}

/** What failed again is being worked on already, or comes back by `reopen`. */
const notFromTriage = (incident: Incident) => refuseState(incident, ['triage'], 'declaring')

/** Opens an incident that no finding shows yet. Its end is for a person to say as well. */
export function declareByHand(
  order: Order,
  {
    serviceId,
    title,
    severity,
    reason,
    dataAtRisk,
  }: {
    serviceId: string
    title: string
    severity: Severity
    reason: string
    dataAtRisk?: string | undefined
  },
  context: DataContext = NO_RULES,
): Decision {
  const { now, occurredAt } = order
  const missing = refuseWithoutReason(reason, 'declaring an incident')
  if (missing) return reject(missing)
  if (occurredAt !== undefined && (occurredAt > now || occurredAt < now - DECLARED_BACK_MS_MAX))
    return reject({
      code: 'incident.time_impossible',
      reason: 'an incident begins within the last seven days, and not later than now',
    })
  return {
    kind: 'accepted',
    events: sign(undefined, order, [
      { type: 'opened', serviceId, title, severity, severityReason: reason, isByHand: true },
      { type: 'declared', note: reason },
      ...(dataAtRisk === undefined
        ? []
        : dataDrafts(
            { serviceId, severity, findings: [] },
            { what: dataAtRisk, by: order.by },
            context,
          )),
    ]),
  }
}

/** A person looked and says that it is real. Nothing else changes. */
export function confirm(incident: Incident, order: Order, note?: string): Decision {
  return carryOut(incident, order, note, () => {
    const refused = refuseState(incident, OPEN_STATES, 'confirming')
    if (refused) return refused
    if (incident.confirmed)
      return {
        code: 'incident.no_change',
        reason: `${incident.confirmed.by} has confirmed ${incident.id} already`,
      }
    return [{ type: 'confirmed', ...withNote(note) }]
  })
}

/**
 * It is no incident: nothing is wrong, or a ticket is enough. What still fails stays declined until it
 * clears or becomes wider.
 */
export function decline(
  incident: Incident,
  order: Order,
  { as, reason, ticket }: { as: DeclinedAs; reason: string; ticket?: string | undefined },
): Decision {
  return carryOut(
    incident,
    order,
    reason,
    () =>
      refuseMove(incident, 'declined') ??
      refuseWithoutReason(reason, 'declining') ?? [
        { type: 'declined', as, reason, ...(ticket !== undefined && { ticket }) },
      ],
  )
}

/** It was right to call people, and they are not needed any more; what fails is treated as declined. */
export function standDown(incident: Incident, order: Order, reason: string): Decision {
  return carryOut(
    incident,
    order,
    reason,
    () =>
      refuseMove(incident, 'cancelled') ??
      refuseWithoutReason(reason, 'standing down') ?? [{ type: 'stood_down', reason }],
  )
}
