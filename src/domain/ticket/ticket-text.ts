import type { Incident } from '../../protocol/incident.ts'
import type { Objective } from '../../protocol/objective.ts'
import type { TicketOrder } from '../../protocol/ticket.ts'
import { describeIncident } from '../incident/describe-incident.ts'
import { cut } from '../paging/message.ts'
import { labelled } from '../paging/page-text.ts'

/** Shorter than GitHub's and Jira's longest titles. */
const TITLE_LENGTH_MAX = 240

type Opening = Extract<TicketOrder, { do: 'open' }>

/**
 * By what a tracker finds the ticket again. Incidents are counted from 1 in each database, so the number
 * alone would find the ticket of another.
 */
export const incidentTicketId = ({ id, openedAt }: Pick<Incident, 'id' | 'openedAt'>): string =>
  `firewatch-${id.toLowerCase()}-${openedAt.toString(36)}`

/** The same for an objective whose budget burns slowly; each time that it does is another ticket. */
export const objectiveTicketId = ({ id }: Pick<Objective, 'id'>, since: number): string =>
  `firewatch-${id.replaceAll('/', '-')}-${since.toString(36)}`

/** The ticket of an incident: the six lines that a page would say, and why it is none. */
export function incidentTicket(
  incident: Incident,
  { lines, reason, dueOn, url }: { lines: readonly string[]; reason: string } & Place,
): Opening {
  return {
    do: 'open',
    id: incidentTicketId(incident),
    title: titleOf(`${incident.severity} ${incident.id}: ${describeIncident(incident)}`),
    lines: labelled(lines),
    serviceId: incident.serviceId,
    severity: incident.severity,
    ...{ reason, dueOn, url },
  }
}

type Place = { dueOn: string; url: string }

/** The ticket of a budget that burns too fast to last, and not so fast that anybody is paged. */
export function objectiveTicket(
  objective: Objective,
  burn: {
    serviceName: string
    since: number
    reason: string
    regions: readonly string[]
    outlook: string | null
  } & Place,
): Opening {
  const { serviceName, since, reason, regions, outlook, dueOn, url } = burn
  const share = `${Number((objective.target * 100).toFixed(4))}%`
  return {
    do: 'open',
    id: objectiveTicketId(objective, since),
    title: titleOf(`${serviceName}: ${objective.name} burns its error budget slowly`),
    lines: [
      `What: ${serviceName} misses its objective ${objective.name} of ${share} if this goes on`,
      `Since: ${new Date(since).toISOString()}`,
      `Where: ${objective.traffic ? 'requests of users' : regions.length === 0 ? 'in no region that is known' : `in ${regions.join(', ')}`}`,
      `How fast: ${reason}`,
      `Left: ${outlook ?? 'not known'}`,
      `First step: look at what ${objective.traffic ? `is not counted by ${objective.traffic.good}, of ${objective.traffic.total}` : `fails in ${objective.checks.join(', ')}`}`,
    ],
    serviceId: objective.serviceId,
    reason: 'its error budget burns slowly',
    ...{ dueOn, url },
  }
}

const titleOf = (text: string) => cut(text.replaceAll(/\s+/g, ' ').trim(), TITLE_LENGTH_MAX)
