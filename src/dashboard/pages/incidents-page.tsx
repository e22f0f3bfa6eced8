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
import { count } from '../words/quantity.ts'

const PAGE_SIZE = 50

const follow = {
  reloadGapMs: (event: LiveEvent) => (event.type === 'incident' ? RELOAD_GAP_MS : undefined),
}

type Page = { data: IncidentSummary[]; nextCursor: string | null }

export function IncidentsPage() {
  const isAll = useFilter('state') === 'all'
  const cursor = useFilter('after') ?? undefined
  const query = { state: isAll ? undefined : 'open', cursor, limit: PAGE_SIZE }
  const resource = useResource<Page>(addressOf(PATHS.incidents, {}, query), follow)
  const page = resource.data
  return (
    <>
      <PageHeading title="Incidents">{page ? sentence(page, isAll) : 'Loading …'}</PageHeading>
      <div class="toolbar">
        <FilterLinks
          label="Which incidents"
          name="state"
          options={[
            { value: 'open', text: 'Open' },
            { value: 'all', text: 'All' },
          ]}
        />
        <DeclareButton />
      </div>
      <LoadNotice resource={resource} />
      {page ? (
        <IncidentList page={page} isAll={isAll} />
      ) : (
        <Skeleton rows={4} label="Loading the incidents" />
      )}
    </>
  )
}

function IncidentList({ page, isAll }: { page: Page; isAll: boolean }) {
  const place = useValue(placeStore)
  if (page.data.length === 0)
    return (
      <p class="card empty">
        {isAll
          ? 'There has been no incident yet. One opens by itself when a check fails and another region confirms it.'
          : 'Nothing is open. Choose “All” to read about those that are over.'}
      </p>
    )
  return (
    <>
      <ul class="incident-cards">
        {page.data.map((incident) => (
          <IncidentCard key={incident.id} incident={incident} />
        ))}
      </ul>
      {page.nextCursor !== null && (
        <p>
          <a href={filterAddress(place, 'after', page.nextCursor)}>Older incidents</a>
        </p>
      )}
    </>
  )
}

function sentence(page: Page, isAll: boolean): string {
  const amount = page.data.length
  const many =
    page.nextCursor === null ? count(amount, 'incident') : `The first ${amount} incidents`
  if (!isAll) return amount === 0 ? 'No incident is open.' : `${many} open.`
  return amount === 0 ? 'No incident on record.' : `${many} on record, newest first.`
}
