import type { LiveEvent } from '../../protocol/public-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { PostmortemAnswer } from '../live/answers.ts'
import { RELOAD_GAP_MS, useResource } from '../live/use-resource.ts'
import { fetchedPart } from '../parts/fetched-part.tsx'
import { LoadNotice } from '../parts/load-notice.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { pageAddress } from '../routing/route.ts'

const PostmortemEditor = fetchedPart(
  async () => (await import('../parts/postmortem-editor.tsx')).PostmortemEditor,
)

export function PostmortemPage({ incidentId }: { incidentId: string }) {
  const resource = useResource<PostmortemAnswer>(addressOf(PATHS.postmortem, { incidentId }), {
    reloadGapMs: (event: LiveEvent) =>
      event.type === 'incident' && event.incidentId === incidentId ? RELOAD_GAP_MS : undefined,
  })
  const answer = resource.data
  return (
    <>
      <PageHeading title={`Postmortem of ${incidentId}`}>
        {answer ? `Postmortem: ${answer.title}` : `Postmortem of ${incidentId}`}
      </PageHeading>
      <p>
        <a href={pageAddress.incident(incidentId)}>{incidentId}</a>
      </p>
      <LoadNotice resource={resource} />
      {answer ? (
        <PostmortemEditor postmortem={answer} reload={resource.reload} />
      ) : (
        !resource.problem && <Skeleton rows={10} label="Loading the postmortem" />
      )}
    </>
  )
}
