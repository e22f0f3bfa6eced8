import type { getRunbook } from '../../protocol/public-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { useResource } from '../live/use-resource.ts'
import { fetchedPart } from '../parts/fetched-part.tsx'
import { LoadNotice } from '../parts/load-notice.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { Skeleton } from '../parts/skeleton.tsx'

const RunbookContent = fetchedPart(
  async () => (await import('../parts/runbook-content.tsx')).RunbookContent,
)

export function RunbookPage({ runbookId }: { runbookId: string }) {
  const resource = useResource<(typeof getRunbook)['response']['_output']>(
    addressOf(PATHS.runbook, { runbookId }),
  )
  const runbook = resource.data?.runbook
  return (
    <>
      <PageHeading title={runbook?.title ?? 'Runbook'}>
        {runbook?.title ?? (resource.problem ? 'No such runbook' : 'Loading the runbook …')}
      </PageHeading>
      <LoadNotice resource={resource} />
      {runbook ? (
        <RunbookContent runbook={runbook} />
      ) : (
        !resource.problem && <Skeleton rows={8} label="Loading the runbook" />
      )}
    </>
  )
}
