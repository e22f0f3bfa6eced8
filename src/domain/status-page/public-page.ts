import type { CheckDefinition } from '../../protocol/check.ts'
import type { Severity } from '../../protocol/config.ts'
import type { Incident, IncidentEvent } from '../../protocol/incident.ts'
import type {
  ComponentStatus,
  PublicImpact,
  PublicStatus,
  StatusPage,
} from '../../protocol/status-page.ts'
import { type DayState, dayBars } from './day-bars.ts'
import { spansOf, statusAt } from './status-spans.ts'

/**
 * What the public is shown: made of the definition of the page and of what was published, and of
 * nothing else, so that nothing else can come out of it.
 */
export type PublicPage = {
  title: string
  url?: string | undefined
  about?: string | undefined
  support?: { text: string; url: string } | undefined
  /** When it was put together. */
  now: number
  /** When anything was last told. */
  updatedAt: number | undefined
  indicator: PublicImpact
  components: PublicComponent[]
  /** Newest first. */
  incidents: PublicIncident[]
}

export type PublicComponent = {
  id: string
  name: string
  description?: string | undefined
  group?: string | undefined
  status: ComponentStatus
  /** Oldest first, today last. */
  days: { at: number; state: DayState }[]
}

export type PublicIncident = {
  id: string
  title: string
  status: PublicStatus
  impact: PublicImpact
  startedAt: number
  createdAt: number
  updatedAt: number
  monitoringAt?: number
  resolvedAt?: number
  /** Oldest first. */
  updates: PublicIncidentUpdate[]
  /** Ids of the components that it ever concerned. */
  components: string[]
}

export type PublicIncidentUpdate = {
  id: string
  at: number
  status: PublicStatus
  acknowledgement: string
  impact: string
  work: string
  nextAt?: number | undefined
  components: { id: string; name: string; before: ComponentStatus; after: ComponentStatus }[]
}

export type UpdatePosted = Extract<IncidentEvent, { type: 'update_posted' }>

/** An incident of which something is public, with its updates, oldest first. */
export type PublishedIncident = { incident: Incident; updates: readonly UpdatePosted[] }

export type PublicPageInput = {
  page: StatusPage
  published: readonly PublishedIncident[]
  checks: readonly Pick<CheckDefinition, 'id' | 'serviceId'>[]
  /** The days, by their starts in UTC, on which a check was measured. */
  measuredDays: ReadonlyMap<string, ReadonlySet<number>>
  now: number
}

/** Puts the page together. */
export function publicPage(input: PublicPageInput): PublicPage {
  const { page, published, now } = input
  const incidents = published
    .flatMap((one) => publicIncident(one, page))
    .toSorted((a, b) => b.createdAt - a.createdAt)
  const spans = published.flatMap((one) => spansOf(one, now))
  const components = page.components.map((component) => ({
    id: component.id,
    name: component.name,
    description: component.description,
    group: component.group,
    status: statusAt(spans, component.id, now),
    days: dayBars({
      spans: spans.filter(({ componentId }) => componentId === component.id),
      isMeasured: measuredBy(component, input),
      now,
    }),
  }))
  const times = incidents.map(({ updatedAt }) => updatedAt)
  return {
    title: page.title,
    url: page.url,
    about: page.about,
    support: page.support,
    now,
    updatedAt: times.length === 0 ? undefined : Math.max(...times),
    indicator: indicatorOf(components, incidents),
    components,
    incidents,
  }
}

function measuredBy(
  component: StatusPage['components'][number],
  { checks, measuredDays }: PublicPageInput,
): (day: number) => boolean {
  const own = checks.filter(
    ({ id, serviceId }) =>
      component.services.includes(serviceId) &&
      (component.checks === undefined || component.checks.includes(id)),
  )
  return (day) => own.some(({ id }) => measuredDays.get(id)?.has(day) === true)
}

function publicIncident(
  { incident, updates }: PublishedIncident,
  page: StatusPage,
): PublicIncident[] {
  const told = updates.filter((event) => event.public !== undefined)
  const [first] = told
  const last = told.at(-1)
  if (!first?.public || !last?.public) return []
  const shown = new Map<string, ComponentStatus>()
  const names = new Map(page.components.map(({ id, name }) => [id, name]))
  const publicUpdates = told.flatMap((event): PublicIncidentUpdate[] => {
    const { public: words } = event
    if (!words) return []
    const components = words.components.flatMap(({ id, status }) => {
      const name = names.get(id)
      // A component that was taken off the page is not shown any more.
      if (name === undefined) return []
      const before = shown.get(id) ?? 'operational'
      shown.set(id, status)
      return [{ id, name, before, after: status }]
    })
    const { status, acknowledgement, impact, work } = words
    return [
      {
        id: `${first.public?.publicId ?? ''}-${event.sequence}`,
        at: event.occurredAt,
        ...{ status, acknowledgement, impact, work },
        nextAt: event.nextAt,
        components,
      },
    ]
  })
  const firstOf = (status: PublicStatus) =>
    publicUpdates.find((update) => update.status === status)?.at
  const monitoringAt = firstOf('monitoring')
  return [
    {
      id: first.public.publicId,
      title: last.public.title,
      status: last.public.status,
      impact: IMPACT[last.internal.severity],
      startedAt: incident.impactStartedAt,
      createdAt: first.occurredAt,
      updatedAt: last.occurredAt,
      ...(monitoringAt !== undefined && { monitoringAt }),
      ...(last.public.status === 'resolved' && { resolvedAt: last.occurredAt }),
      updates: publicUpdates,
      components: [...shown.keys()],
    },
  ]
}

const IMPACT: { readonly [S in Severity]: PublicImpact } = {
  'SEV-1': 'critical',
  'SEV-2': 'major',
  'SEV-3': 'minor',
  'SEV-4': 'none',
}

const OF_STATUS: { readonly [S in ComponentStatus]: PublicImpact } = {
  operational: 'none',
  degraded_performance: 'minor',
  partial_outage: 'major',
  major_outage: 'critical',
}
const IMPACTS: readonly PublicImpact[] = ['none', 'minor', 'major', 'critical']

/** As bad as the worst component; of an open incident that names none, as bad as that. */
function indicatorOf(
  components: readonly { status: ComponentStatus }[],
  incidents: readonly PublicIncident[],
): PublicImpact {
  const all = [
    ...components.map(({ status }) => OF_STATUS[status]),
    ...incidents
      .filter((one) => one.status !== 'resolved' && one.components.length === 0)
      .map(({ impact }) => impact),
  ]
  return IMPACTS.findLast((impact) => all.includes(impact)) ?? 'none'
}
