import { listSignals } from '../../../protocol/public-api.ts'
import * as signals from '../../store/signals.ts'
import { defineRoute } from '../define-route.ts'

export const listSignalsRoute = defineRoute(listSignals, async ({ query }, { store }) => ({
  data: await signals.listSignals(store, query),
}))
