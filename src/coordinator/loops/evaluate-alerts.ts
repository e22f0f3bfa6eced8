import { randomUUID } from 'node:crypto'
import type { AlertDecision, AlertInput } from '../../domain/alerting/alert-decision.ts'
import {
  beginConfirmation,
  confirmationDueAt,
  followConfirmation,
  wantsConfirmation,
} from '../../domain/alerting/confirm-failure.ts'
import { voteFreshForMs } from '../../domain/alerting/counted-votes.ts'
import { evaluateAlert, nextEvaluationAt } from '../../domain/alerting/evaluate-alert.ts'
import { judgeSilence } from '../../domain/alerting/judge-silence.ts'
import { voteReach } from '../../domain/alerting/vote-reach.ts'
import { heartbeatFreshForMs } from '../../domain/heartbeat/due-heartbeat.ts'
import type { CheckDefinition, CheckOf } from '../../protocol/check.ts'
import type { Confirmation } from '../../protocol/confirmation.ts'
import type { Evidence, Finding } from '../../protocol/incident.ts'
import type { AlertStatus, LiveEvent } from '../../protocol/public-api.ts'
import { slotPeriodMs } from '../../protocol/schedule.ts'
import type { Suppression } from '../../protocol/suppression.ts'
import { defineLoop } from '../../runtime/loop.ts'
import { askRegions } from '../ask-regions.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { evidenceOf } from '../evidence.ts'
import { checkFindingKey, clear, dataFindingKey, lockConcerned, report } from '../incident-desk.ts'
import {
  dueAlerts,
  lockAlert,
  markAlertsDue,
  quietAlert,
  removeAlert,
  saveAlert,
} from '../store/alerts.ts'
import { regionsHeard } from '../store/probes.ts'
import { findRuns, lastFailureOf, recentVotes } from '../store/runs.ts'
import type { Session } from '../store/store.ts'
import { watchOf } from '../store/watches.ts'
import { dependentChecks, endResolvedSilences, suppressionOf } from '../suppression-desk.ts'

/** Checks of one pass; the rest is due at the next, which follows at once. */
const CHECKS_PER_PASS_MAX = 200

/** How far back the last failing run of a check that has recovered is looked for. */
const LAST_FAILURE_WITHIN_MS = 24 * 3_600_000

/** Turns new runs into alerts, and alerts into findings of incidents. It sends nothing itself. */
export const evaluateAlerts = defineLoop<CoordinatorParts>({
  name: 'evaluate-alerts',
  everyMs: 1_000,
  deadlineMs: 20_000,
  async run(parts, signal) {
    const { store, clock, fleet, wake } = parts
    const due = await dueAlerts(store, clock.now(), CHECKS_PER_PASS_MAX)
    for (const checkId of due) {
      signal.throwIfAborted()
      const check = fleet.checks.find((candidate) => candidate.id === checkId)
      // Another coordinator with newer definitions may have left an alert that we do not know.
      if (!check) await removeAlert(store, checkId)
      else await evaluateAndTell(parts, check)
    }
    if (due.length > 0) wake.deliver()
    if (due.length === CHECKS_PER_PASS_MAX) wake.evaluateAlerts()
  },
})

async function evaluateAndTell(parts: CoordinatorParts, check: CheckDefinition): Promise<void> {
  const { store, feed, wake } = parts
  const { events, isTurn, confirmation } = await store.transaction((tx) =>
    evaluateCheck(tx, parts, check),
  )
  feed.publish(events)
  confirmAtOnce(parts, check, confirmation)
  if (!isTurn) return
  // Not in the transaction: two checks that need each other's rows would wait for each other.
  const dependents = dependentChecks(parts, check.serviceId)
  if (dependents.length === 0) return
  await markAlertsDue(
    store,
    dependents.map(({ id }) => id),
  )
  wake.evaluateAlerts()
}

type Evaluated = {
  events: LiveEvent[]
  /** The alert began or ended. */
  isTurn: boolean
  confirmation: { before: Confirmation | undefined; now: Confirmation | undefined }
}

/** Asks what was written down as asked, and counts what came of it. */
function confirmAtOnce(
  parts: CoordinatorParts,
  check: CheckDefinition,
  { before, now }: Evaluated['confirmation'],
): void {
  if (!now) return
  const { commandId, asked, verdict } = now
  if (commandId !== before?.commandId) {
    parts.confirmations.add()
    askRegions(parts, check, asked, { commandId, reason: 'confirmation' })
  }
  if (verdict !== undefined && verdict !== before?.verdict) parts.metrics.confirmed(verdict)
}

async function evaluateCheck(
  tx: Session,
  parts: CoordinatorParts,
  defined: CheckDefinition,
): Promise<Evaluated> {
  const now = parts.clock.now()
  // Services before alerts, everywhere in this order, so that two coordinators never wait for each
  // other.
  await lockConcerned(tx, [defined.serviceId])
  const check = await withTighterRule(tx, defined, now)
  const alert = (await lockAlert(tx, check.id)) ?? quietAlert(now, check.regions)
  const input = {
    check,
    alert,
    now,
    listeningSince: parts.listening.since,
    baselineMs: await parts.baselines.at(tx, check, now),
    ...(await loadVotes(tx, check, now)),
  }
  const { decision, confirmation } = confirmed(parts, input, evaluateAlert(input))
  const suppressed =
    decision.next.state === 'firing' ? await suppressionOf(tx, parts, check, decision) : undefined
  const noData = decision.next.noData && {
    ...decision.next.noData,
    ...(await silenceOfData(tx, parts, check)),
  }
  const next: AlertStatus = {
    ...decision.next,
    ...(confirmation && { confirmation }),
    ...(suppressed && { suppressed: { ...suppressed, since: alert.suppressed?.since ?? now } }),
    ...(noData && { noData }),
  }
  const lookAt = [
    nextEvaluationAt(input, next),
    suppressed?.until,
    confirmationDueAt(confirmation),
  ].filter((at) => at !== undefined)
  await saveAlert(tx, check.id, next, lookAt.length > 0 ? Math.min(...lookAt) : undefined)

  const incidentIds = [
    await applyDecision(tx, parts, check, { decision, suppressed, confirmation, before: alert }),
    await applyDataStatus(tx, parts, check, { before: alert.noData, now: noData }),
  ]
  const silences = decision.kind === 'resolve' ? await endResolvedSilences(tx, parts, check) : []
  return {
    isTurn: decision.kind === 'fire' || decision.kind === 'resolve',
    confirmation: { before: alert.confirmation, now: confirmation },
    events: [
      ...(isNews(alert, next) ? [{ type: 'alert' as const, checkId: check.id, alert: next }] : []),
      ...incidentIds.flatMap((incidentId) =>
        incidentId === undefined ? [] : { type: 'incident' as const, incidentId },
      ),
      ...silences.map(({ id }) => ({ type: 'silence' as const, silenceId: id })),
    ],
  }
}

/** While a check is watched closer, the copy of its rule holds that was made for the time. */
async function withTighterRule(
  tx: Session,
  check: CheckDefinition,
  now: number,
): Promise<CheckDefinition> {
  const watch = await watchOf(tx, check.id, now)
  return watch ? { ...check, alert: watch.rule } : check
}

/** What the other regions are asked, or have said, and the decision with that in its reason. */
function confirmed(
  parts: CoordinatorParts,
  { check, alert, votesByRegion, now }: AlertInput & { check: CheckDefinition },
  decision: AlertDecision,
): { decision: AlertDecision; confirmation: Confirmation | undefined } {
  const { next } = decision
  const wish = wantsConfirmation({
    check,
    before: alert,
    next,
    reachable: check.regions.filter((region) => parts.commands.isListening(region)),
    askedInLastMinute: parts.confirmations.count(),
    now,
  })
  if (!wish.isWanted && next.state === 'pending')
    parts.logger.debug({ check: check.id, because: wish.because }, 'no region is asked')
  const confirmation = wish.isWanted
    ? beginConfirmation(check, {
        commandId: randomUUID(),
        failed: next.failing,
        asked: wish.asks,
        now,
      })
    : followConfirmation(alert.confirmation, { check, before: alert, next, votesByRegion, now })
  if (!confirmation || next.state === 'quiet') return { decision, confirmation }
  const reason = `${next.reason}; ${confirmation.reason}`
  return { decision: { ...decision, next: { ...next, reason } }, confirmation }
}

/** That nothing is known of a check is no news where the fleet has said so of all its regions. */
async function silenceOfData(tx: Session, parts: CoordinatorParts, check: CheckDefinition) {
  const suppressed = await suppressionOf(tx, parts, check, { kind: 'hold', regions: check.regions })
  if (suppressed) return { suppressed: suppressed.reason }
  const silent = await silentRegions(tx, parts)
  return check.regions.every((region) => silent.includes(region))
    ? { suppressed: 'all of its regions are silent, which is told of them' }
    : {}
}

async function silentRegions(tx: Session, { fleet, listening, clock }: CoordinatorParts) {
  const heard = await regionsHeard(tx)
  const { silentAfterMs } = fleet
  const { since: listeningSince } = listening
  const now = clock.now()
  return fleet.regions
    .map(({ id }) => id)
    .filter((id) => {
      const lastHeardAt = heard.get(id)
      return judgeSilence({ lastHeardAt, listeningSince, silentAfterMs, now }).state === 'silent'
    })
}

async function loadVotes(tx: Session, check: CheckDefinition, now: number) {
  if (check.kind === 'heartbeat') return loadCalls(tx, check)
  const periodMs = slotPeriodMs(check, now)
  const freshForMs = voteFreshForMs(check, periodMs)
  const { backMs, votesMax } = voteReach(check, periodMs, freshForMs)
  const votes = await recentVotes(tx, check.id, now - backMs, votesMax)
  const votesByRegion = Map.groupBy(votes, (vote) => vote.regionId)
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

/** Suppressed findings are not reported at all: no incident, so nothing that could be told. */
async function applyDecision(
  tx: Session,
  parts: CoordinatorParts,
  check: CheckDefinition,
  {
    decision,
    suppressed,
    confirmation,
    before,
  }: {
    decision: AlertDecision
    suppressed: Suppression | undefined
    confirmation: Confirmation | undefined
    before: AlertStatus
  },
): Promise<string | undefined> {
  const { serviceId } = check
  if (decision.kind === 'resolve')
    return clear(tx, parts, {
      serviceId,
      key: checkFindingKey(check.id),
      reason: decision.next.reason,
      lastBadAt: await lastFailureOf(tx, check, parts.clock.now() - LAST_FAILURE_WITHIN_MS),
    })
  const wasSuppressed = before.suppressed !== undefined && decision.next.state === 'firing'
  if (suppressed || (decision.kind === 'hold' && !wasSuppressed)) return undefined
  const finding = {
    ...findingOf(check, decision, parts.clock.now()),
    ...(confirmation && { confirmation }),
  }
  const evidence = await loadEvidence(tx, check, decision)
  return report(tx, parts, { serviceId, finding, evidence })
}

/** That nothing is known is told by itself: it says something about the data, not about the target. */
async function applyDataStatus(
  tx: Session,
  parts: CoordinatorParts,
  check: CheckDefinition,
  status: { before: AlertStatus['noData']; now: AlertStatus['noData'] },
): Promise<string | undefined> {
  const { serviceId } = check
  const key = dataFindingKey(check.id)
  if (!status.now)
    return status.before && clear(tx, parts, { serviceId, key, reason: 'runs come in again' })
  if (status.now.suppressed !== undefined) return undefined
  if (status.before && status.before.suppressed === undefined) return undefined
  const finding: Finding = {
    key,
    kind: 'no_data',
    subject: check.name,
    checkId: check.id,
    tier: check.tier,
    scope: 'unknown',
    regions: check.regions,
    regionsWatching: check.regions.length,
    since: status.now.since,
    reason: status.now.reason,
    ...(check.alert.noData && { severity: check.alert.noData.severity }),
  }
  return report(tx, parts, { serviceId, finding, evidence: [] })
}

function findingOf(check: CheckDefinition, decision: AlertDecision, now: number): Finding {
  return {
    key: checkFindingKey(check.id),
    kind: decision.isServed ? 'check_degraded' : 'check_failing',
    subject: check.name,
    checkId: check.id,
    tier: check.tier,
    scope: decision.next.scope,
    regions: decision.regions,
    regionsWatching: check.regions.length,
    since: decision.badSince ?? now,
    reason: decision.next.reason,
    ...(decision.severity && { severity: decision.severity }),
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

/** The votes change with every run, and are read with the page; they alone are no news. */
const isNews = (before: AlertStatus, after: AlertStatus) => told(before) !== told(after)

const told = ({ votes: _, conditions, flapping, changes: __, ...status }: AlertStatus) =>
  JSON.stringify({
    ...status,
    conditions: conditions?.map(({ name, state }) => [name, state]),
    flapping: flapping?.since,
  })
