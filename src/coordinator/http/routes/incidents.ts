import { AppError } from '../../../base/app-error.ts'
import { dutyOf } from '../../../domain/incident/commands/ask-for-page.ts'
import { describeIncident } from '../../../domain/incident/describe-incident.ts'
import { leadingView } from '../../../domain/incident/leading/leading-view.ts'
import { measureDetection } from '../../../domain/incident/measure-detection.ts'
import { audienceOf } from '../../../domain/incident/stakeholders/audience.ts'
import { joinNames } from '../../../domain/join-names.ts'
import type { CheckDefinition } from '../../../protocol/check.ts'
import type { Incident } from '../../../protocol/incident.ts'
import type { PageTarget } from '../../../protocol/on-call.ts'
import { getIncident, listIncidents } from '../../../protocol/public-api.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { summarizeIncident } from '../../incident-summary.ts'
import { loadRoster } from '../../paging-desk.ts'
import { timesOf } from '../../postmortem-draft.ts'
import { firingAlerts } from '../../store/alerts.ts'
import * as incidents from '../../store/incidents.ts'
import { deliveriesOf, stakeholdersTold } from '../../store/outbox.ts'
import { pagesOf } from '../../store/pages.ts'
import type { Store } from '../../store/store.ts'
import { loadTriageCard } from '../../triage.ts'
import { loadGate } from '../../verification-desk.ts'
import { defineRoute } from '../define-route.ts'
import { fromCursor, toPage } from '../page-cursor.ts'

async function inhibitedBy(store: Store, checks: readonly CheckDefinition[], serviceId: string) {
  const firing = await firingAlerts(
    store,
    checks.filter((check) => check.serviceId !== serviceId).map(({ id }) => id),
  )
  return checks.flatMap((check) => {
    const suppressed = firing.get(check.id)?.suppressed
    if (suppressed?.kind !== 'dependency' || suppressed.by !== serviceId) return []
    return { checkId: check.id, name: check.name, reason: suppressed.reason }
  })
}

/** Who has which duty at the moment, for the incident. */
async function dutiesOf(parts: CoordinatorParts, { serviceId }: Incident) {
  const roster = await loadRoster(parts.store, parts)
  return (target: PageTarget): { now: string; canPage: boolean } => {
    const duty = dutyOf(target, parts.fleet.onCall, serviceId)
    if ('code' in duty) return { now: `nobody: ${duty.reason}`, canPage: false }
    const answer = roster.who(duty)
    if ('nobody' in answer) return { now: `nobody: ${answer.nobody}`, canPage: false }
    const names = answer.people.map((id) => roster.person(id)?.name ?? id)
    return { now: joinNames(names), canPage: true }
  }
}

const numberOf = (incidentId: string) => Number(incidentId.slice('INC-'.length))

export const listIncidentsRoute = defineRoute(listIncidents, async ({ query }, { store }) => {
  const { cursor, limit, service, state, severity, order } = query
  const after = cursor === undefined ? undefined : Number(fromCursor(cursor)[0])
  const found = await incidents.listIncidents(store, {
    service,
    state,
    severity,
    order,
    after,
    limit: limit + 1,
  })
  return toPage(found.map(summarizeIncident), limit, (incident) => [numberOf(incident.id)])
})

export const getIncidentRoute = defineRoute(getIncident, async ({ params }, parts) => {
  const { store, fleet, clock } = parts
  const incident = await incidents.findIncident(store, params.incidentId)
  if (!incident) throw new AppError('incident.unknown', params.incidentId)
  const events = await incidents.incidentEvents(store, params.incidentId)
  const triage = await loadTriageCard(parts, incident)
  const stakeholders = fleet.onCall?.stakeholders ?? []
  const audience =
    stakeholders.length === 0
      ? []
      : audienceOf(incident, stakeholders, await stakeholdersTold(store, params.incidentId))
  const detection = measureDetection(events, fleet.checks)
  return {
    incident,
    headline: describeIncident(incident),
    events,
    ...(detection && { detection }),
    inhibited: await inhibitedBy(store, fleet.checks, incident.serviceId),
    notifications: await deliveriesOf(store, params.incidentId),
    pages: await pagesOf(store, params.incidentId),
    times: timesOf(parts, incident, events),
    triage,
    leading: {
      ...leadingView(incident, events, {
        fleet,
        failing: triage.howBad.failing,
        now: clock.now(),
        whoHas: await dutiesOf(parts, incident),
      }),
      ...(audience.length > 0 && { audience }),
    },
    ...(incident.state === 'verifying' && { gate: await loadGate(store, parts, incident) }),
  }
})
