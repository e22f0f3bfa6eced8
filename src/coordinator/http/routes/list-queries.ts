import { isBadNumber, type Reading } from '../../../domain/signal/judge-reading.ts'
import { limitsNow } from '../../../domain/signal/query-baseline.ts'
import { listQueries } from '../../../protocol/public-api.ts'
import type { Query } from '../../../protocol/query.ts'
import { queryStates } from '../../store/queries.ts'
import { defineRoute } from '../define-route.ts'

export const listQueriesRoute = defineRoute(listQueries, async (_, { store, fleet }) => {
  const { queries = [] } = fleet
  const states = await queryStates(store)
  return {
    data: queries.map((query) => {
      const state = states.get(query.id)?.state
      const last = state?.last
      const alert = query.alert && limitsNow(query.alert, state?.baseline)
      return {
        ...{ queryId: query.id, name: query.name, serviceId: query.serviceId, source: query.kind },
        ...(last && { last: { at: last.at, answer: judged(last.reading, alert) } }),
      }
    }),
  }
})

function judged(reading: Reading, alert: Query['alert']) {
  const isBad = alert && reading.kind === 'number' ? isBadNumber(reading, alert) : undefined
  return { ...reading, ...(isBad !== undefined && { isBad }) }
}
