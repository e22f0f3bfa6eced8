import type { listRunbooks } from '../../protocol/public-api.ts'
import { PATHS } from '../../protocol/public-paths.ts'
import { useResource } from '../live/use-resource.ts'
import { LoadNotice } from '../parts/load-notice.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { pageAddress } from '../routing/route.ts'
import { count } from '../words/quantity.ts'

/** What to do about which alert. */
export function RunbooksPage() {
  const resource = useResource<(typeof listRunbooks)['response']['_output']>(PATHS.runbooks)
  const runbooks = resource.data?.data
  return (
    <>
      <PageHeading title="Runbooks">What to do about which alert</PageHeading>
      <LoadNotice resource={resource} />
      {runbooks ? (
        <ul class="card">
          {runbooks.map(({ id, title, steps }) => (
            <li key={id}>
              <a href={pageAddress.runbook(id)}>{title}</a>{' '}
              <span class="quiet">{count(steps.length, 'step')}</span>
            </li>
          ))}
          {runbooks.length === 0 && (
            <li class="empty">None yet: each is a file below config/runbooks.</li>
          )}
        </ul>
      ) : (
        !resource.problem && <Skeleton rows={6} label="Loading the runbooks" />
      )}
    </>
  )
}
