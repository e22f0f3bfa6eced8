import { voteFreshForMs } from '../../domain/alerting/counted-votes.ts'
import {
  type AlertDecision,
  evaluateAlert,
  nextEvaluationAt,
} from '../../domain/alerting/evaluate-alert.ts'
import { heartbeatFreshForMs } from '../../domain/heartbeat/due-heartbeat.ts'
import type { CheckDefinition, CheckOf } from '../../protocol/check.ts'
import type { Evidence, Finding } from '../../protocol/incident.ts'
import type { AlertStatus, LiveEvent } from '../../protocol/public-api.ts'
import { slotPeriodMs } from '../../protocol/schedule.ts'
import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { evidenceOf } from '../evidence.ts'
import { checkFindingKey, clear, report } from '../incident-desk.ts'
import { dueAlerts, lockAlert, quietAlert, removeAlert, saveAlert } from '../store/alerts.ts'
import { findRuns, recentVotes } from '../store/runs.ts'
import { lockService, type Session } from '../store/store.ts'

/** Checks of one pass; the rest is due at the next, which follows at once. */
const CHECKS_PER_PASS_MAX = 200

/** Turns new runs into alerts, and alerts into findings of incidents. It sends nothing itself. */
export const evaluateAlerts = defineLoop<CoordinatorParts>({
  name: 'evaluate-alerts',
  everyMs: 1_000,
  deadlineMs: 20_000,
  async run(parts, signal) {
    const { store, clock, fleet, feed, wake } = parts
    const due = await dueAlerts(store, clock.now(), CHECKS_PER_PASS_MAX)
    for (const checkId of due) {
      signal.throwIfAborted()
      const check = fleet.checks.find((candidate) => candidate.id === checkId)
      // Another coordinator with newer definitions may have left an alert that we do not know.
      if (!check) await removeAlert(store, checkId)
      else feed.publish(await store.transaction((tx) => evaluateCheck(tx, parts, check)))
    }
    if (due.length > 0) wake.deliver()
    if (due.length === CHECKS_PER_PASS_MAX) wake.evaluateAlerts()
  },
})

async function evaluateCheck(
  tx: Session,
  parts: CoordinatorParts,
  check: CheckDefinition,
): Promise<LiveEvent[]> {
  const now = parts.clock.now()
  // Services before alerts, everywhere in this order, so that two coordinators never wait for each
  // other.
  await lockService(tx, check.serviceId)
  const alert = (await lockAlert(tx, check.id)) ?? quietAlert(now, check.regions)
  const input = { check, alert, now, ...(await loadVotes(tx, check, now)) }
  const decision = evaluateAlert(input)
  await saveAlert(tx, check.id, decision.next, nextEvaluationAt(input))

  const incidentId = await applyDecision(tx, parts, check, decision)
  return [
    ...(isNews(alert, decision.next)
      ? [{ type: 'alert' as const, checkId: check.id, alert: decision.next }]
      : []),
    ...(incidentId === undefined ? [] : [{ type: 'incident' as const, incidentId }]),
  ]
}

async function loadVotes(tx: Session, check: CheckDefinition, now: number) {
  if (check.kind === 'heartbeat') return loadCalls(tx, check)
  const periodMs = slotPeriodMs(check, now)
  const freshForMs = voteFreshForMs(check, periodMs)
  // A row of failures may reach further back than one vote is fresh.
  const longestRow = Math.max(check.alert.failuresToFire, check.alert.passesToResolve) + 1
  const since = now - freshForMs - longestRow * periodMs
  const votesByRegion = Map.groupBy(await recentVotes(tx, check.id, since), (vote) => vote.regionId)
  return { freshForMs, votesByRegion }
}

/** Calls come as far apart as the job's schedule says, which need not be even. */
async function loadCalls(tx: Session, check: CheckOf<'heartbeat'>) {
  const votes = await recentVotes(tx, check.id, 0)
  const { failuresToFire, passesToResolve } = check.alert
  const counted = votes.slice(0, Math.max(failuresToFire, passesToResolve) + 1)
  const freshForMs = Math.max(0, ...counted.map((vote) => heartbeatFreshForMs(check, vote.slotAt)))
  return { freshForMs, votesByRegion: Map.groupBy(votes, (vote) => vote.regionId) }
}

async function applyDecision(
  tx: Session,
  parts: CoordinatorParts,
  check: CheckDefinition,
  decision: AlertDecision,
): Promise<string | undefined> {
  const { serviceId } = check
  switch (decision.kind) {
    case 'hold':
      return undefined
    case 'resolve':
      return clear(tx, parts, {
        serviceId,
        key: checkFindingKey(check.id),
        reason: decision.next.reason,
      })
    case 'fire':
    case 'update': {
      const finding = findingOf(check, decision, parts.clock.now())
      const evidence = await loadEvidence(tx, check, decision)
      return report(tx, parts, { serviceId, finding, evidence })
    }
  }
}

function findingOf(check: CheckDefinition, decision: AlertDecision, now: number): Finding {
  return {
    key: checkFindingKey(check.id),
    kind: 'check_failing',
    subject: check.name,
    checkId: check.id,
    tier: check.tier,
    scope: decision.next.scope,
    regions: decision.regions,
    regionsWatching: check.regions.length,
    since: decision.badSince ?? now,
    reason: decision.next.reason,
  }
}

async function loadEvidence(
  tx: Session,
  check: CheckDefinition,
  decision: AlertDecision,
): Promise<Evidence[]> {
  const runs = await findRuns(
    tx,
    decision.evidence.map(({ vote }) => vote.runId),
  )
  return runs.toSorted((a, b) => a.startedAt - b.startedAt).map((run) => evidenceOf(run, check))
}

const isNews = (before: AlertStatus, after: AlertStatus) =>
  JSON.stringify(before) !== JSON.stringify(after)
