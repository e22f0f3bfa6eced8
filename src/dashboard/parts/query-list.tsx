import { PATHS } from '../../protocol/public-paths.ts'
import type { QueriesAnswer } from '../live/answers.ts'
import { useResource } from '../live/use-resource.ts'
import { queriesSentence, standingOfQuery } from '../words/query-words.ts'
import { Age } from './moment.tsx'

/** Our own queries, with what each answered last; nothing where there are none. */
export function QueryList() {
  const resource = useResource<QueriesAnswer>(PATHS.queries)
  const queries = resource.data?.data ?? []
  if (queries.length === 0) return null
  return (
    <section class="card" aria-label="Queries">
      <h2>Queries of metrics and logs</h2>
      <p>{queriesSentence(queries)}</p>
      <ul class="sweep">
        {queries.map((query) => {
          const { tone, sign, words } = standingOfQuery(query)
          return (
            <li key={query.queryId}>
              <span class={tone}>
                <span aria-hidden="true">{sign} </span>
                {query.name}: {words}
              </span>{' '}
              <span class="quiet">
                {query.source}, {query.serviceId}
                {query.last && (
                  <>
                    , <Age at={query.last.at} suffix=" ago" />
                  </>
                )}
              </span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
