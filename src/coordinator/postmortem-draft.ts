import { incidentTimes } from '../domain/incident/times/incident-times.ts'
import { servicesOf } from '../domain/incident/triage-card.ts'
import { draftPostmortem } from '../domain/postmortem/draft-postmortem.ts'
import { foundByUsers, REPORTED_BEFORE_MS } from '../domain/postmortem/found-by-users.ts'
import type { Incident, IncidentEvent } from '../protocol/incident.ts'
import type { IncidentTimes } from '../protocol/incident-times.ts'
import { slotPeriodMs } from '../protocol/schedule.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { loadRevenue } from './revenue.ts'
import { incidentEvents } from './store/incidents.ts'
import {
  findPostmortem,
  storeActionItem,
  storePostmortem,
  takeActionItemId,
} from './store/postmortems.ts'
import type { Session } from './store/store.ts'
import { firstReportAt } from './store/user-reports.ts'
import { checksOfIncident } from './verification-desk.ts'

/** Who drafted it. */
const RECORD = 'Firewatch'

type Parts = Pick<CoordinatorParts, 'fleet' | 'clock'>

/** How long an incident took, with how far off what the probes saw may be. */
export function timesOf(
  parts: Parts,
  incident: Incident,
  events: readonly IncidentEvent[],
): IncidentTimes {
  const periods = checksOfIncident(parts, incident).map((check) =>
    slotPeriodMs(check, parts.clock.now()),
  )
  return incidentTimes(events, periods.length > 0 ? Math.min(...periods) : undefined)
}

/** Drafts the review that begins with these events of an incident; part of the same transaction. */
export async function draftWith(
  tx: Session,
  parts: Parts,
  incident: Incident,
  events: readonly IncidentEvent[],
): Promise<void> {
  const isBegun = events.some(({ type }) => type === 'postmortem_moved')
  if (!isBegun || (await findPostmortem(tx, incident.id))) return
  const now = parts.clock.now()
  const all = await incidentEvents(tx, incident.id)
  const gap = foundByUsers(incident, all, {
    firstReportAt: await firstReportAt(tx, {
      services: servicesOf(incident),
      since: incident.impactStartedAt - REPORTED_BEFORE_MS,
      until: incident.restoredAt ?? now,
    }),
    now,
  })
  await storePostmortem(tx, incident.id, {
    revision: 1,
    updatedAt: now,
    updatedBy: RECORD,
    body: draftPostmortem(
      incident,
      all,
      timesOf(parts, incident, all),
      gap?.words,
      (await loadRevenue(tx, parts, incident, all)).length > 0,
    ),
  })
  if (gap)
    await storeActionItem(tx, {
      ...gap.item,
      id: await takeActionItemId(tx),
      incidentId: incident.id,
      createdAt: now,
      createdBy: RECORD,
    })
}
