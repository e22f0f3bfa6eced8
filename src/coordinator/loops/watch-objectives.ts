import { joinable } from '../../domain/incident/transition.ts'
import { burnRate, errorBudget, exhaustionWords } from '../../domain/objective/error-budget.ts'
import {
  type BurnDecision,
  evaluateBurn,
  type WindowTally,
} from '../../domain/objective/evaluate-burn.ts'
import { placeBurn } from '../../domain/objective/place-burn.ts'
import { slowBurnTicket } from '../../domain/ticket/slow-burn-ticket.ts'
import { objectiveTicket, objectiveTicketId } from '../../domain/ticket/ticket-text.ts'
import { type Finding, type Incident, OPEN_STATES } from '../../protocol/incident.ts'
import type { Objective, ObjectiveStatus, SlowBurnTicket, Tally } from '../../protocol/objective.ts'
import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import {
  clear,
  INCIDENTS_LOOKED_AT,
  lockConcerned,
  objectiveFindingKey,
  report,
} from '../incident-desk.ts'
import { serviceName } from '../service-name.ts'
import { incidentsOfService, pastIncidents } from '../store/incidents.ts'
import {
  beginObjective,
  bucketsChangedLate,
  findObjective,
  forgetObjectives,
  forgetSums,
  type ObjectiveRow,
  type RegionTally,
  replaceSums,
  SUM_BUCKET_MS,
  saveObjective,
  sumsSince,
  tallySlots,
} from '../store/objectives.ts'
import type { Session } from '../store/store.ts'
import { findTraffic } from '../store/traffic.ts'
import { dueDay, giveOrder, objectiveFile } from '../ticket-desk.ts'
import { trafficTallies } from '../traffic-tallies.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** The fastest window is five minutes: looking more often says nothing more. */
const EVALUATED_EVERY_MS = 10_000
/** Slots younger than this are counted one by one; by then each has its end. */
const FRESH_MS = HOUR_MS
/** What one transaction sums up at most of an objective's past. */
const REACH_MS = 2 * 24 * HOUR_MS
/** A run is stored under the time at which it came, and seen when its transaction has ended. */
const COMMIT_MS_MAX = MINUTE_MS
/** Late buckets that one pass corrects of one objective; the rest comes with the next. */
const CORRECTIONS_MAX = 500

/**
 * Keeps the sums of each objective, and says whether its budget burns. A fast burn is a finding of
 * its service, like a failing check; a slow one waits for the working day: a ticket, where there is a
 * tracker, and no incident.
 */
export const watchObjectives = defineLoop<CoordinatorParts>({
  name: 'watch-objectives',
  everyMs: 1_000,
  deadlineMs: 60_000,
  async run(parts, signal) {
    const { store, fleet, clock, feed, wake, metrics } = parts
    await forgetObjectives(
      store,
      fleet.objectives.map(({ id }) => id),
    )
    for (const objective of fleet.objectives) {
      signal.throwIfAborted()
      const known = await findObjective(store, objective)
      const evaluatedAt = known?.status?.evaluatedAt ?? Number.NEGATIVE_INFINITY
      if (Math.abs(clock.now() - evaluatedAt) < EVALUATED_EVERY_MS) continue
      let watched = await store.transaction((tx) => watchObjective(tx, parts, objective))
      // The past of a new objective, a stretch at a time, so that nothing else waits for long.
      while (!watched) {
        signal.throwIfAborted()
        watched = await store.transaction((tx) => watchObjective(tx, parts, objective))
      }
      const { status, incidentId } = watched
      metrics.objective(objective, status)
      feed.publish([{ type: 'objective', objectiveId: objective.id }])
      if (incidentId === undefined) continue
      feed.publish([{ type: 'incident', incidentId }])
      wake.deliver()
    }
  },
})

/** Undefined when there is more of its past to be summed up first. */
async function watchObjective(tx: Session, parts: CoordinatorParts, objective: Objective) {
  const now = parts.clock.now()
  await lockConcerned(tx, [objective.serviceId])
  const { traffic } = objective
  // The loop that counts traffic moves its sums.
  const row = traffic ? await begun(tx, objective, now) : await sumUp(tx, objective, now)
  const { summedUntil } = row
  if (!traffic && summedUntil < floor(now - FRESH_MS)) {
    await saveObjective(tx, objective.id, row)
    return undefined
  }
  const { tally, lastBadAt } = traffic
    ? await trafficTallies(tx, objective, { countedUntil: summedUntil, now })
    : await windowTallies(tx, objective, summedUntil, now)

  const period = tally(objective.periodMs)
  const { spentShare } = errorBudget(objective, period)
  const state = row.status?.state ?? 'quiet'
  const regions = regionsOf(parts, objective)
  const decision = evaluateBurn({ objective, regions, state, tally, spentShare })
  const standing: ObjectiveStatus = {
    state: decision.state,
    since: row.status?.state === decision.state ? row.status.since : now,
    ...(decision.window && { action: decision.window.action }),
    reason: decision.reason,
    regions: decision.regions,
    ...budgetWords(objective, period, tally(HOUR_MS)),
    ...(traffic && { traffic: await trafficStatus(tx, objective, summedUntil) }),
    ...(row.status?.ticket && { ticket: row.status.ticket }),
    evaluatedAt: now,
  }
  const incidentId = await applyDecision(tx, parts, objective, decision, lastBadAt)
  const ticket = await keepTicket(tx, parts, objective, { decision, status: standing, lastBadAt })
  const status = { ...standing, ...(ticket && { ticket }) }
  await saveObjective(tx, objective.id, { ...row, status })
  return { status, incidentId }
}

async function trafficStatus(tx: Session, { id }: Objective, countedUntil: number) {
  const problem = (await findTraffic(tx, id))?.state.problem
  return { countedUntil, ...(problem && { problem }) }
}

function budgetWords(objective: Objective, period: Tally, lastHour: Tally) {
  const { spentShare } = errorBudget(objective, period)
  const burn = burnRate(objective, lastHour)
  const outlook =
    spentShare === undefined ? null : exhaustionWords(objective, spentShare, burn ?? 0)
  return {
    period: counts(period),
    lastHour: counts(lastHour),
    spentShare: spentShare ?? null,
    burnRate: burn ?? null,
    outlook,
  }
}

const counts = ({ good, bad, unknown }: Tally): Tally => ({ good, bad, unknown })

/** What is known of an objective; of a new one that nothing of its period is summed up. */
async function begun(tx: Session, objective: Objective, now: number): Promise<ObjectiveRow> {
  const known = await findObjective(tx, objective)
  if (known) return known
  const summedUntil = floor(now - objective.periodMs)
  const row = { summedUntil, receivedUntil: now, status: undefined }
  await beginObjective(tx, objective, row)
  return row
}

/** Brings the sums up to where slots are no longer fresh, and corrects those that late runs changed. */
async function sumUp(tx: Session, objective: Objective, now: number): Promise<ObjectiveRow> {
  const begin = floor(now - objective.periodMs)
  const row = await begun(tx, objective, now)
  const fresh = floor(now - FRESH_MS)
  const late = await bucketsChangedLate(tx, objective, {
    receivedAfter: row.receivedUntil - COMMIT_MS_MAX,
    slotsSince: begin,
    slotsBefore: row.summedUntil,
    limit: CORRECTIONS_MAX,
  })
  for (const bucketAt of late) await sumBetween(tx, objective, bucketAt, bucketAt + SUM_BUCKET_MS)

  const until = Math.min(fresh, row.summedUntil + REACH_MS)
  if (until > row.summedUntil) {
    await sumBetween(tx, objective, row.summedUntil, until)
    await forgetSums(tx, objective.id, begin)
  }
  return {
    ...row,
    summedUntil: Math.max(row.summedUntil, until),
    // A full page may hide others: they stay due.
    receivedUntil: late.length < CORRECTIONS_MAX ? now : row.receivedUntil,
  }
}

const floor = (instant: number) => Math.max(0, instant - (instant % SUM_BUCKET_MS))

async function sumBetween(tx: Session, objective: Objective, since: number, until: number) {
  const sums = await tallySlots(tx, objective, { since, until, bucketMs: SUM_BUCKET_MS })
  await replaceSums(tx, objective.id, { since, until }, sums)
}

/** What came within a window: sums for its past, the slots themselves for the last hour. */
async function windowTallies(
  tx: Session,
  objective: Objective,
  summedUntil: number,
  now: number,
): Promise<{ tally(windowMs: number): WindowTally; lastBadAt: number | undefined }> {
  const fresh = await tallySlots(tx, objective, {
    since: summedUntil,
    until: now + MINUTE_MS,
    bucketMs: MINUTE_MS,
  })
  const past = new Map<number, (Tally & { regionId: string })[]>()
  const windows = [2, 6, 24, 72].map((hours) => hours * HOUR_MS)
  for (const windowMs of [...windows, objective.periodMs])
    past.set(windowMs, await sumsSince(tx, objective.id, floor(now - windowMs)))

  const bad = fresh.filter((row) => row.bad > 0).map(({ bucketAt }) => bucketAt)
  return {
    tally(windowMs) {
      const since = now - windowMs
      return total([...(past.get(windowMs) ?? []), ...fresh.filter((row) => isWithin(row, since))])
    },
    lastBadAt: bad.length === 0 ? undefined : Math.max(...bad),
  }
}

const isWithin = ({ bucketAt }: RegionTally, since: number) => bucketAt + MINUTE_MS > since

function total(rows: readonly (Tally & { regionId: string })[]): WindowTally {
  const sum = { good: 0, bad: 0, unknown: 0 }
  for (const { good, bad, unknown } of rows) {
    sum.good += good
    sum.bad += bad
    sum.unknown += unknown
  }
  const badRegions = new Set(rows.filter(({ bad }) => bad > 0).map(({ regionId }) => regionId))
  return { ...sum, badRegions: [...badRegions].toSorted() }
}

function regionsOf({ fleet }: CoordinatorParts, { checks }: Objective): number {
  const counted = fleet.checks.filter(({ id }) => checks.includes(id))
  return new Set(counted.flatMap(({ regions }) => regions)).size
}

async function applyDecision(
  tx: Session,
  parts: CoordinatorParts,
  objective: Objective,
  decision: BurnDecision,
  lastBadAt: number | undefined,
): Promise<string | undefined> {
  const { serviceId } = objective
  const now = parts.clock.now()
  const key = objectiveFindingKey(objective.id)
  const incidents = await incidentsOfService(tx, serviceId, INCIDENTS_LOOKED_AT)
  const incident = incidents.find((candidate) => joinable(candidate, now))
  const placement = placeBurn(key, decision, incident, lastBadAt)
  switch (placement.kind) {
    case 'hold':
      return undefined
    case 'clear':
      return clear(tx, parts, { serviceId, key, reason: placement.reason })
    case 'report':
      return report(tx, parts, {
        serviceId,
        finding: burnFinding(parts, objective, decision, now),
        evidence: [],
      })
  }
}

/** What is to be done about the ticket of a slow burn, and what is known of it from here on. */
async function keepTicket(
  tx: Session,
  parts: CoordinatorParts,
  objective: Objective,
  {
    decision,
    status,
    lastBadAt,
  }: { decision: BurnDecision; status: ObjectiveStatus; lastBadAt: number | undefined },
): Promise<SlowBurnTicket | undefined> {
  const { ticket } = status
  if (!parts.fleet.tracker) return ticket
  const now = parts.clock.now()
  const { serviceId } = objective
  const incident = await newestOf(tx, serviceId)
  const step = slowBurnTicket({ decision, ticket, incident, lastBadAt, now })
  const place = { filedUnder: objectiveFile(objective.id), sequence: now }
  if (step.do === 'open') {
    const id = objectiveTicketId(objective, now)
    const order = objectiveTicket(objective, {
      serviceName: serviceName(parts.fleet, serviceId),
      since: now,
      reason: step.reason,
      regions: decision.regions,
      outlook: status.outlook,
      dueOn: dueDay(parts, serviceId),
      url: parts.links.to('/objectives'),
    })
    await giveOrder(tx, parts, order, { deliveryId: `${id}.ticket`, ...place })
    return { id, askedAt: now, isOver: false }
  }
  if (step.do === 'nothing' || !ticket) return ticket
  const { id } = ticket
  await giveOrder(
    tx,
    parts,
    { do: 'comment', id, text: step.reason },
    { deliveryId: `${id}.ticket.${now}`, ...place },
  )
  return { ...ticket, isOver: decision.state === 'quiet' }
}

/** The newest incident of a service that was one, over or not. */
async function newestOf(tx: Session, serviceId: string): Promise<Incident | undefined> {
  const current = await incidentsOfService(tx, serviceId, INCIDENTS_LOOKED_AT)
  const open = current.find(({ state }) => OPEN_STATES.some((one) => one === state))
  return open ?? (await pastIncidents(tx, serviceId, 1))[0]
}

function burnFinding(
  parts: CoordinatorParts,
  objective: Objective,
  { regions, reason, window }: BurnDecision,
  now: number,
): Finding {
  return {
    key: objectiveFindingKey(objective.id),
    kind: 'objective_burning',
    subject: objective.name,
    tier: parts.fleet.services.find(({ id }) => id === objective.serviceId)?.tier ?? 'standard',
    // Of whom users are nobody knows the region.
    scope: objective.traffic ? 'unknown' : regions.length > 1 ? 'global' : 'regional',
    regions,
    regionsWatching: regionsOf(parts, objective),
    since: now - (window?.shortMs ?? 0),
    reason,
    severity: 'SEV-2',
  }
}
