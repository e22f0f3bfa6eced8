import type { CheckOverview, LiveEvent, Now } from '../../protocol/public-api.ts'
import { PATHS } from '../../protocol/public-paths.ts'
import { applyToNow } from '../live/apply-event.ts'
import { RELOAD_GAP_MS, useResource } from '../live/use-resource.ts'
import { CheckList } from '../parts/check-list.tsx'
import { fetchedPart } from '../parts/fetched-part.tsx'
import { FilterLinks } from '../parts/filter-links.tsx'
import { FleetLine } from '../parts/fleet-line.tsx'
import { IncidentCard } from '../parts/incident-card.tsx'
import { LoadNotice } from '../parts/load-notice.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { ReportButton } from '../parts/report-button.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { SlotLegend } from '../parts/slot-legend.tsx'
import { useFilter } from '../routing/use-filter.ts'
import { nowSentence } from '../words/now-sentence.ts'
import { isTroubled } from '../words/region-standing.ts'

/** Each heartbeat of a probe tells of its region; the fleet line needs not follow each. */
const REGION_RELOAD_GAP_MS = 10_000

const follow = {
  apply: applyToNow,
  reloadGapMs: (event: LiveEvent) =>
    ({ incident: RELOAD_GAP_MS, silence: RELOAD_GAP_MS, region: REGION_RELOAD_GAP_MS })[
      event.type as string
    ],
}

const NotTold = fetchedPart(async () => (await import('../parts/not-told.tsx')).NotTold)

export function NowPage() {
  const resource = useResource<Now>(PATHS.now, follow)
  const now = resource.data
  return (
    <>
      <PageHeading title="Now">{now ? nowSentence(now) : 'Loading what is now …'}</PageHeading>
      <LoadNotice resource={resource} />
      {now ? <NowContent now={now} /> : <Skeleton rows={8} label="Loading the checks" />}
    </>
  )
}

function NowContent({ now }: { now: Now }) {
  const text = useFilter('q') ?? ''
  const isTroubleOnly = useFilter('show') === 'trouble'
  const regionIds = now.regions.map((region) => region.regionId)
  const isShown = (check: CheckOverview) =>
    (!isTroubleOnly || isTroubled(check)) && matches(check, text)
  const services = now.services
    .map((service) => ({ ...service, checks: service.checks.filter(isShown) }))
    .filter((service) => service.checks.length > 0)
  return (
    <>
      {now.incidents.length > 0 && (
        <ul class="incident-cards" aria-label="Open incidents">
          {now.incidents.map((incident) => (
            <IncidentCard key={incident.id} incident={incident} />
          ))}
        </ul>
      )}
      {now.silences?.length || now.maintenance?.length ? (
        <NotTold silences={now.silences} maintenance={now.maintenance} />
      ) : null}
      <div class="toolbar">
        <SearchField label="Filter the checks" placeholder="Filter: name, id, service, kind" />
        <FilterLinks
          label="Which checks"
          name="show"
          options={[
            { value: 'all', text: 'All' },
            { value: 'trouble', text: 'Only trouble' },
          ]}
        />
        <ReportButton />
      </div>
      {services.map((service) => (
        <CheckList
          key={service.serviceId}
          title={service.name}
          checks={service.checks}
          regionIds={regionIds}
        />
      ))}
      {services.length === 0 && (
        <EmptyChecks hasChecks={now.services.length > 0} isTroubleOnly={isTroubleOnly && !text} />
      )}
      <FleetLine regions={now.regions} slotsLastHour={now.slotsLastHour} />
      <SlotLegend />
    </>
  )
}

function EmptyChecks(props: { hasChecks: boolean; isTroubleOnly: boolean }) {
  if (!props.hasChecks)
    return (
      <p class="card empty">
        No check is defined yet. Write one in <code>probes/…/….checks.yaml</code>, try it with{' '}
        <code>firewatch run</code>, and start the coordinator again.
      </p>
    )
  return (
    <p class="card empty">
      {props.isTroubleOnly
        ? 'No check is in trouble.'
        : 'No check matches the filter. Clear it to see all of them.'}
    </p>
  )
}

function matches(check: CheckOverview, text: string): boolean {
  const said = `${check.checkId} ${check.name} ${check.serviceId} ${check.kind}`.toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word))
}
