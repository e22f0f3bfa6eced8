import type { LiveEvent } from '../../protocol/public-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { IncidentAnswer } from '../live/answers.ts'
import { RELOAD_GAP_MS, useResource } from '../live/use-resource.ts'
import { fetchedPart } from '../parts/fetched-part.tsx'
import { LoadNotice } from '../parts/load-notice.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { Skeleton } from '../parts/skeleton.tsx'

const IncidentContent = fetchedPart(
  async () => (await import('../parts/incident-content.tsx')).IncidentContent,
)

export function IncidentPage({ incidentId }: { incidentId: string }) {
  const resource = useResource<IncidentAnswer>(addressOf(PATHS.incident, { incidentId }), {
    reloadGapMs: (event: LiveEvent) =>
      event.type === 'incident' && event.incidentId === incidentId ? RELOAD_GAP_MS : undefined,
  })
  const answer = resource.data
  return (
    <>
      <PageHeading title={incidentId}>
        {answer?.incident.title ?? (resource.problem ? incidentId : `Loading ${incidentId} …`)}
      </PageHeading>
      <LoadNotice resource={resource} />
      {answer ? (
        <IncidentContent answer={answer} reload={resource.reload} />
      ) : (
        !resource.problem && <Skeleton rows={10} label="Loading the incident" />
      )}
    </>
  )
}
