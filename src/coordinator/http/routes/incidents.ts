import { AppError } from '../../../base/app-error.ts'
import { describeIncident } from '../../../domain/incident/describe-incident.ts'
import { getIncident, listIncidents } from '../../../protocol/public-api.ts'
import { summarizeIncident } from '../../incident-summary.ts'
import * as incidents from '../../store/incidents.ts'
import { deliveriesOf } from '../../store/outbox.ts'
import { loadTriageCard } from '../../triage.ts'
import { defineRoute } from '../define-route.ts'
import { fromCursor, toPage } from '../page-cursor.ts'

const numberOf = (incidentId: string) => Number(incidentId.slice('INC-'.length))

export const listIncidentsRoute = defineRoute(listIncidents, async ({ query }, { store }) => {
  const { cursor, limit, service, state, severity } = query
  const before = cursor === undefined ? undefined : Number(fromCursor(cursor)[0])
  const found = await incidents.listIncidents(store, {
    service,
    state,
    severity,
    before,
    limit: limit + 1,
  })
  return toPage(found.map(summarizeIncident), limit, (incident) => [numberOf(incident.id)])
})

export const getIncidentRoute = defineRoute(getIncident, async ({ params }, parts) => {
  const { store } = parts
  const incident = await incidents.findIncident(store, params.incidentId)
  if (!incident) throw new AppError('incident.unknown', params.incidentId)
  return {
    incident,
    headline: describeIncident(incident),
    events: await incidents.incidentEvents(store, params.incidentId),
    notifications: await deliveriesOf(store, params.incidentId),
    triage: await loadTriageCard(parts, incident),
  }
})
