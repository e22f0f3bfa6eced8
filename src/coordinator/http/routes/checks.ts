import { AppError } from '../../../base/app-error.ts'
import { detectionTime } from '../../../domain/alerting/detection-time.ts'
import { getCheck, listChecks } from '../../../protocol/public-api.ts'
import { overviewsOf } from '../../check-overview.ts'
import { findAlerts, quietAlert } from '../../store/alerts.ts'
import { defineRoute } from '../define-route.ts'
import { fromCursor, toPage } from '../page-cursor.ts'

export const listChecksRoute = defineRoute(listChecks, async ({ query }, parts) => {
  const { store, fleet, clock } = parts
  const after = query.cursor === undefined ? '' : String(fromCursor(query.cursor)[0])
  const alerts = await findAlerts(store)
  const found = fleet.checks
    .filter((check) => query.service === undefined || check.serviceId === query.service)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .filter((check) => check.id > after)
    .map((definition) => ({
      definition,
      alert: alerts.get(definition.id) ?? quietAlert(clock.now(), definition.regions),
    }))
  return toPage(found, query.limit, (check) => [check.definition.id])
})

export const getCheckRoute = defineRoute(getCheck, async ({ params }, parts) => {
  const definition = parts.fleet.checks.find((check) => check.id === params.checkId)
  if (!definition) throw new AppError('check.unknown', params.checkId)
  const [overview] = await overviewsOf(parts, [definition])
  if (!overview) throw new AppError('check.unknown', params.checkId)
  const durations = overview.regions.flatMap(({ durationMsP50 }) => durationMsP50 ?? [])
  const detection = detectionTime(definition, {
    // The slowest region's: a quorum waits for it.
    typicalRunMs: durations.length > 0 ? Math.max(...durations) : undefined,
    now: parts.clock.now(),
  })
  return { definition, overview, ...(detection && { detection }) }
})
