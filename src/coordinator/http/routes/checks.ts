import { randomUUID } from 'node:crypto'
import { AppError } from '../../../base/app-error.ts'
import { getCheck, listChecks, runCheck } from '../../../protocol/public-api.ts'
import { actorOf } from '../../access/caller.ts'
import { askRegions } from '../../ask-regions.ts'
import { overviewsOf } from '../../check-overview.ts'
import { detectionContract } from '../../detection-contract.ts'
import { findAlerts, quietAlert } from '../../store/alerts.ts'
import { watchOf } from '../../store/watches.ts'
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
  const now = parts.clock.now()
  const detection = detectionContract(definition, overview, now)
  const watch = await watchOf(parts.store, definition.id, now)
  return { definition, overview, ...(detection && { detection }), ...(watch && { watch }) }
})

export const runCheckRoute = defineRoute(runCheck, async ({ params, body }, parts, caller) => {
  const check = parts.fleet.checks.find(({ id }) => id === params.checkId)
  if (!check) throw new AppError('check.unknown', params.checkId)
  if (check.kind === 'heartbeat') throw new AppError('check.not_probed', params.checkId)
  const commandId = randomUUID()
  const asked = askRegions(parts, check, check.regions, { commandId, reason: 'manual' })
  parts.logger.info(
    { check: check.id, by: actorOf(caller, body.by), commandId, asked },
    'a check is run by hand',
  )
  return {
    commandId,
    asked,
    unreachable: check.regions.filter((region) => !asked.includes(region)),
  }
})
