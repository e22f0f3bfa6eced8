import type { Deed } from '../../protocol/people-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { useResource } from '../live/use-resource.ts'
import { useValue } from '../live/use-value.ts'
import { filterAddress, placeStore } from '../routing/location.ts'
import { useFilter } from '../routing/use-filter.ts'
import { deedWords, outcomeWords } from '../words/deed-words.ts'
import { LoadNotice } from './load-notice.tsx'
import { Moment } from './moment.tsx'
import { Skeleton } from './skeleton.tsx'

const PAGE_SIZE = 50

/** The audit log, a page at a time. */
export function DeedList() {
  const cursor = useFilter('after') ?? undefined
  const place = useValue(placeStore)
  const address = addressOf(PATHS.audit, {}, { cursor, limit: PAGE_SIZE })
  const resource = useResource<{ data: Deed[]; nextCursor: string | null }>(address)
  const page = resource.data
  return (
    <section aria-label="Audit log">
      <LoadNotice resource={resource} />
      {page ? (
        <div class="card people-table">
          <table class="stacking">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col">What</th>
                <th scope="col">Outcome</th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {page.data.map((deed) => (
                <tr key={deed.id}>
                  <td data-label="When">
                    <Moment at={deed.at} />
                  </td>
                  <th scope="row">{deed.actor}</th>
                  <td data-label="What">
                    {deedWords(deed)}
                    {deed.subject !== undefined && <span class="quiet"> {deed.subject}</span>}
                  </td>
                  <td data-label="Outcome" class={deed.status < 400 ? undefined : 'tone-failed'}>
                    {outcomeWords(deed)}
                  </td>
                  <td data-label="From" title={deed.program}>
                    {deed.from}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <Skeleton rows={8} label="Loading the audit log" />
      )}
      {page?.data.length === 0 && <p class="card empty">Nothing was done yet.</p>}
      {page?.nextCursor != null && (
        <p>
          <a href={filterAddress(place, 'after', page.nextCursor)}>Older</a>
        </p>
      )}
    </section>
  )
}
