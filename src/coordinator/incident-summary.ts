import { describeIncident } from '../domain/incident/describe-incident.ts'
import type { Incident } from '../protocol/incident.ts'
import type { IncidentSummary } from '../protocol/public-api.ts'

/** An incident as lists show it: the findings told in one sentence. */
export function summarizeIncident(incident: Incident): IncidentSummary {
  const { findings, countedFindings, commandIds, loweredKnowing, ...rest } = incident
  const { watch, gateTicks, mitigations, steps, ...summary } = rest
  return { ...summary, headline: describeIncident(incident) }
}
