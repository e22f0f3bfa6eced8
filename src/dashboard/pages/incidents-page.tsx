import type { IncidentSummary, LiveEvent } from '../../protocol/public-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { RELOAD_GAP_MS, useResource } from '../live/use-resource.ts'
import { useValue } from '../live/use-value.ts'
import { DeclareButton } from '../parts/declare-button.tsx'
import { FilterLinks } from '../parts/filter-links.tsx'
import { IncidentCard } from '../parts/incident-card.tsx'
import { LoadNotice } from '../parts/load-notice.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { filterAddress, placeStore } from '../routing/location.ts'
import { useFilter } from '../routing/use-filter.ts'
import {
  BACKLOG_SEVERITIES,
  backlogSeverity,
  incidentsSentence,
  type ListShown,
  listShown,
} from '../words/incident-lists.ts'

const PAGE_SIZE = 50

const follow = {
  reloadGapMs: (event: LiveEvent) => (event.type === 'incident' ? RELOAD_GAP_MS : undefined),
}

type Page = { data: IncidentSummary[]; nextCursor: string | null }

const QUERIES = {
  open: { state: 'open' },
  backlog: { state: 'open', order: 'oldest' },
  all: {},
} as const

const EMPTY = {
  open: 'Nothing is open. Choose “All” to read about those that are over.',
  backlog: 'Nothing of this severity is left lying.',
  all: 'There has been no incident yet. One opens by itself when a check fails and another region confirms it.',
} as const

export function IncidentsPage() {
  const shown = listShown(useFilter('state'))
  const cursor = useFilter('after') ?? undefined
  const severity = backlogSeverity(useFilter('severity'))
  const query = {
    ...QUERIES[shown],
    ...(shown === 'backlog' && { severity }),
    ...{ cursor, limit: PAGE_SIZE },
  }
  const resource = useResource<Page>(addressOf(PATHS.incidents, {}, query), follow)
  const page = resource.data
  return (
    <>
      <PageHeading title="Incidents">
        {page
          ? incidentsSentence(page, shown, Date.now(), { severity, isFirst: cursor === undefined })
          : 'Loading …'}
      </PageHeading>
      <div class="toolbar">
        <FilterLinks
          label="Which incidents"
          name="state"
          options={[
            { value: 'open', text: 'Open' },
            { value: 'backlog', text: 'Backlog' },
            { value: 'all', text: 'All' },
          ]}
        />
        {shown === 'backlog' && (
          <FilterLinks
            label="Of which severity"
            name="severity"
            options={BACKLOG_SEVERITIES.map((value) => ({ value, text: value }))}
          />
        )}
        <DeclareButton />
      </div>
      <LoadNotice resource={resource} />
      {page ? (
        <IncidentList page={page} shown={shown} />
      ) : (
        <Skeleton rows={4} label="Loading the incidents" />
      )}
    </>
  )
}

function IncidentList({ page, shown }: { page: Page; shown: ListShown }) {
  const place = useValue(placeStore)
  if (page.data.length === 0) return <p class="card empty">{EMPTY[shown]}</p>
  return (
    <>
      <ul class="incident-cards">
        {page.data.map((incident) => (
          <IncidentCard key={incident.id} incident={incident} />
        ))}
      </ul>
      {page.nextCursor !== null && (
        <p>
          <a href={filterAddress(place, 'after', page.nextCursor)}>
            {shown === 'backlog' ? 'Those that opened later' : 'Older incidents'}
          </a>
        </p>
      )}
    </>
  )
}
