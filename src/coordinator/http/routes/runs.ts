import { AppError } from '../../../base/app-error.ts'
import { getRun, listRuns } from '../../../protocol/public-api.ts'
import { artifactsOf } from '../../store/artifacts.ts'
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
  const stored = await artifactsOf(store, params.runId)
  const later = new Set(found.run.laterArtifacts)
  return {
    ...found,
    artifactsStored: stored.map(({ name }) => name),
    laterArtifactsStored: stored
      .filter(({ name }) => later.has(name))
      .map(({ name, mediaType, bytes }) => ({ name, mediaType, bytes })),
  }
})
