import type { ComponentStatus, PublicImpact } from '../../protocol/status-page.ts'
import type { PublicComponent, PublicIncident, PublicPage } from './public-page.ts'

/**
 * The page in the form that readers of Atlassian's Statuspage know (`/api/v2/…`). What we do not have is
 * there all the same, empty, because such readers expect it.
 */
export type StatuspageFile =
  | 'summary'
  | 'status'
  | 'components'
  | 'incidents'
  | 'incidents/unresolved'
  | 'scheduled-maintenances'
  | 'scheduled-maintenances/active'
  | 'scheduled-maintenances/upcoming'

/** Of each file below `api/v2/`, without its ending, what it holds. */
export function statuspageFiles(page: PublicPage): { readonly [F in StatuspageFile]: object } {
  const head = { page: pageOf(page) }
  const status = { indicator: page.indicator, description: DESCRIPTIONS[page.indicator] }
  const components = page.components.map((component, index) => componentOf(component, index, page))
  const incidents = page.incidents.map((incident) => incidentOf(incident, page))
  const unresolved = incidents.filter((incident) => incident.status !== 'resolved')
  const none = { ...head, scheduled_maintenances: [] }
  return {
    summary: { ...head, status, components, incidents: unresolved, scheduled_maintenances: [] },
    status: { ...head, status },
    components: { ...head, components },
    incidents: { ...head, incidents },
    'incidents/unresolved': { ...head, incidents: unresolved },
    'scheduled-maintenances': none,
    'scheduled-maintenances/active': none,
    'scheduled-maintenances/upcoming': none,
  }
}

/** What the page as a whole says, in words. */
export const DESCRIPTIONS: { readonly [I in PublicImpact]: string } = {
  none: 'All Systems Operational',
  minor: 'Partially Degraded Service',
  major: 'Partial System Outage',
  critical: 'Major Service Outage',
}

const iso = (instant: number) => new Date(instant).toISOString()
const isoOr = (instant: number | undefined) => (instant === undefined ? null : iso(instant))

/** Of a page that nothing was told of yet, when it was made is all there is. */
const pageId = ({ title }: PublicPage) =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '') || 'status'

const pageOf = (page: PublicPage) => ({
  id: pageId(page),
  name: page.title,
  url: page.url ?? '',
  time_zone: 'Etc/UTC',
  updated_at: iso(page.updatedAt ?? page.now),
})

const componentOf = (component: PublicComponent, index: number, page: PublicPage) => {
  const changes = page.incidents.flatMap(({ updates }) =>
    updates.filter(({ components }) => components.some(({ id }) => id === component.id)),
  )
  const last = changes.map(({ at }) => at)
  const first = component.days[0]?.at ?? page.now
  return {
    id: component.id,
    name: component.name,
    status: component.status,
    created_at: iso(first),
    updated_at: iso(last.length === 0 ? first : Math.max(...last)),
    position: index + 1,
    description: component.description ?? null,
    showcase: true,
    start_date: null,
    group_id: null,
    page_id: pageId(page),
    group: false,
    only_show_if_degraded: false,
  }
}

const incidentOf = (incident: PublicIncident, page: PublicPage) => {
  const link = page.url === undefined ? '' : `${page.url.replace(/\/$/, '')}#${incident.id}`
  return {
    id: incident.id,
    name: incident.title,
    status: incident.status,
    impact: incident.impact,
    created_at: iso(incident.createdAt),
    updated_at: iso(incident.updatedAt),
    started_at: iso(incident.startedAt),
    monitoring_at: isoOr(incident.monitoringAt),
    resolved_at: isoOr(incident.resolvedAt),
    shortlink: link,
    page_id: pageId(page),
    incident_updates: incident.updates.toReversed().map((update) => ({
      id: update.id,
      status: update.status,
      body: updateBody(update),
      incident_id: incident.id,
      created_at: iso(update.at),
      updated_at: iso(update.at),
      display_at: iso(update.at),
      affected_components: update.components.map(({ id, name, before, after }) => ({
        code: id,
        name,
        old_status: before satisfies ComponentStatus,
        new_status: after satisfies ComponentStatus,
      })),
    })),
    components: page.components
      .map((component, index) => ({ component, index }))
      .filter(({ component }) => incident.components.includes(component.id))
      .map(({ component, index }) => componentOf(component, index, page)),
  }
}

/** The four parts of an update, one after the other. */
export const updateBody = (update: PublicIncident['updates'][number]): string =>
  [update.acknowledgement, update.impact, update.work, nextWords(update)]
    .filter((part) => part !== '')
    .join(' ')

/** The fourth part: when people hear more. */
export function nextWords({
  status,
  nextAt,
}: Pick<PublicIncident['updates'][number], 'status' | 'nextAt'>): string {
  if (nextAt !== undefined)
    return `Next update by ${iso(nextAt).slice(11, 16)} UTC, or sooner if something changes.`
  return status === 'resolved' ? '' : 'We will say more as soon as something changes.'
}
