import type { LiveEvent } from '../../protocol/public-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { IncidentAnswer } from '../live/answers.ts'
import { useLazy } from '../live/use-lazy.ts'
import { RELOAD_GAP_MS, useResource } from '../live/use-resource.ts'
import { LoadNotice } from '../parts/load-notice.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { Skeleton } from '../parts/skeleton.tsx'

const loadContent = () => import('../parts/incident-content.tsx')

export function IncidentPage({ incidentId }: { incidentId: string }) {
  const resource = useResource<IncidentAnswer>(addressOf(PATHS.incident, { incidentId }), {
    reloadGapMs: (event: LiveEvent) =>
      event.type === 'incident' && event.incidentId === incidentId ? RELOAD_GAP_MS : undefined,
  })
  const { part, hasFailed } = useLazy(loadContent)
  const answer = resource.data
  return (
    <>
      <PageHeading title={incidentId}>
        {answer?.incident.title ?? (resource.problem ? incidentId : `Loading ${incidentId} …`)}
      </PageHeading>
      <LoadNotice resource={resource} />
      {hasFailed && (
        <p class="card" role="alert">
          A part of this page cannot be loaded. <a href={location.pathname}>Load it again</a>.
        </p>
      )}
      {answer && part ? (
        <part.IncidentContent answer={answer} reload={resource.reload} />
      ) : (
        !resource.problem && !hasFailed && <Skeleton rows={10} label="Loading the incident" />
      )}
    </>
  )
}
