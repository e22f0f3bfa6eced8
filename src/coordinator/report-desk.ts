import { randomUUID } from 'node:crypto'
import { AppError } from '../base/app-error.ts'
import { judgeReports } from '../domain/signal/judge-reports.ts'
import type { TakenReport } from '../protocol/public-api.ts'
import {
  type NewUserReport,
  USER_REPORTS_SOURCE,
  USUAL_REPORT_RULE,
  type UserReport,
} from '../protocol/signal.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { announce, lockConcerned } from './incident-desk.ts'
import { type SignalOrigin, takeSignals } from './signal-desk.ts'
import { makeSignal } from './signals/signal-reader.ts'
import { findSignal } from './store/signals.ts'
import type { Session } from './store/store.ts'
import { addReport, countReports, latestReports } from './store/user-reports.ts'

/** Reports of one service that are kept of the time that counts; more say nothing new. */
const REPORTS_KEPT_MAX = 1_000

const USERS: SignalOrigin = {
  id: USER_REPORTS_SOURCE,
  name: 'Users',
  layer: 'users',
  saysWhyItIsOver: true,
}

/**
 * Stores what somebody reported, and makes a finding of it where that is one report more.
 *
 * @throws {AppError} `service.unknown`, `signal.too_many`
 */
export async function takeReport(
  parts: CoordinatorParts,
  { commandId, ...told }: NewUserReport,
): Promise<TakenReport> {
  const { store, clock, fleet } = parts
  const { withinMs, count: needed } = fleet.reportRule ?? USUAL_REPORT_RULE
  if (!fleet.services.some(({ id }) => id === told.serviceId))
    throw new AppError('service.unknown', told.serviceId)
  const report: UserReport = { ...told, at: clock.now() }
  const window = { services: [report.serviceId], since: report.at - withinMs, until: report.at }

  const { isNew, incidentIds, count } = await store.transaction(async (tx) => {
    await lockConcerned(tx, [report.serviceId])
    if ((await countReports(tx, window)) >= REPORTS_KEPT_MAX)
      throw new AppError('signal.too_many', `there are ${REPORTS_KEPT_MAX} reports of it already`)
    const added = await addReport(tx, commandId ?? randomUUID(), report)
    return {
      isNew: added,
      incidentIds: added ? await lookAtReports(tx, parts, report.serviceId) : [],
      count: await countReports(tx, window),
    }
  })
  announce(parts, incidentIds)
  return { report, isRepeated: !isNew, count: Math.max(1, count), withinMs, needed }
}

/**
 * Decides what the reports of a service mean now. Runs inside the caller's transaction.
 *
 * @returns the ids of the incidents that changed.
 */
export async function lookAtReports(
  tx: Session,
  parts: CoordinatorParts,
  serviceId: string,
): Promise<string[]> {
  const rule = parts.fleet.reportRule ?? USUAL_REPORT_RULE
  const now = parts.clock.now()
  await lockConcerned(tx, [serviceId])
  const known = await findSignal(tx, USERS.id, serviceId)
  const reports = await latestReports(tx, {
    services: [serviceId],
    since: now - rule.withinMs,
    until: now,
    limit: REPORTS_KEPT_MAX,
  })
  const verdict = judgeReports(reports, rule, known?.state === 'firing', now)
  if (verdict.kind === 'unchanged') return []
  const isFiring = verdict.kind === 'firing'
  const signal = makeSignal({
    key: serviceId,
    isFiring,
    startedAt: isFiring ? verdict.since : known?.startedAt,
    toldAt: now,
    receivedAt: now,
    subject: isFiring ? verdict.subject : (known?.subject ?? serviceId),
    reason: verdict.reason,
    serviceId,
    severity: rule.severity,
  })
  return takeSignals(tx, parts, USERS, [signal], now)
}
