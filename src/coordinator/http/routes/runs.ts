import { AppError } from '../../../base/app-error.ts'
import { getRun, listRuns } from '../../../protocol/public-api.ts'
import { artifactNames } from '../../store/artifacts.ts'
import * as runs from '../../store/runs.ts'
import { defineRoute } from '../define-route.ts'
import { fromCursor, toPage } from '../page-cursor.ts'

export const listRunsRoute = defineRoute(listRuns, async ({ query }, { store }) => {
  const { cursor, limit, check, region, verdict } = query
  const [slotAt, runId] = cursor === undefined ? [] : fromCursor(cursor)
  const after = cursor === undefined ? undefined : { slotAt: Number(slotAt), runId: String(runId) }
  const found = await runs.listRuns(store, { check, region, verdict, after, limit: limit + 1 })
  return toPage(found, limit, (run) => [run.slotAt, run.runId])
})

export const getRunRoute = defineRoute(getRun, async ({ params }, { store }) => {
  const found = await runs.findRun(store, params.runId)
  if (!found) throw new AppError('run.unknown', params.runId)
  return { ...found, artifactsStored: await artifactNames(store, params.runId) }
})
