import { AppError } from '../../../base/app-error.ts'
import { getRunbook, listRunbooks } from '../../../protocol/public-api.ts'
import { defineRoute } from '../define-route.ts'

export const listRunbooksRoute = defineRoute(listRunbooks, async (_, { fleet }) => ({
  data: fleet.runbooks ?? [],
  nextCursor: null,
}))

export const getRunbookRoute = defineRoute(getRunbook, async ({ params }, { fleet }) => {
  const runbook = fleet.runbooks?.find(({ id }) => id === params.runbookId)
  if (!runbook) throw new AppError('runbook.unknown', params.runbookId)
  return { runbook }
})
