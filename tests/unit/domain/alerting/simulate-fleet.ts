import type { RegionVote } from '../../../../src/domain/alerting/condition.ts'
import {
  beginConfirmation,
  confirmationDueAt,
  followConfirmation,
  wantsConfirmation,
} from '../../../../src/domain/alerting/confirm-failure.ts'
import { voteFreshForMs } from '../../../../src/domain/alerting/counted-votes.ts'
import { evaluateAlert, nextEvaluationAt } from '../../../../src/domain/alerting/evaluate-alert.ts'
import { voteReach } from '../../../../src/domain/alerting/vote-reach.ts'
import type { CheckDefinition } from '../../../../src/protocol/check.ts'
import type { AlertStatus } from '../../../../src/protocol/public-api.ts'
import type { Verdict } from '../../../../src/protocol/run.ts'
import { dueSlots, slotPeriodMs } from '../../../../src/protocol/schedule.ts'
import { anAlert } from './votes.ts'

/**
 * A check of a fleet over weeks, played through the pure rules: slots, probes with their troubles, the
 * way to the coordinator, evaluation, and the other regions that are asked at once. Time and chance are
 * the simulation's, so that a seed gives the same run again.
 */

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A trouble of a region's probe that comes and goes: how often, how long, in the mean. */
type Trouble = { everyMs: number; lastsMs: number }

export type Troubles = {
  /** The machine is too busy: runs begin late, or not at all, and know why but for `unseen` of them. */
  overload?: Trouble & { unseen: number }
  /** Packets are lost, up to one in five. */
  loss?: Trouble
  /** The probe is dead; what it had not sent comes when it is back. */
  crash?: Trouble
  /** The coordinator cannot be reached; runs wait. */
  cut?: Trouble
}

export type Outage = { from: number; until: number; regions: readonly string[] }

export type Firing = { at: number; until: number | undefined; regions: string[] }

export type Simulated = {
  runs: number
  verdicts: Record<Verdict, number>
  /** Slots of which no run came. */
  missed: number
  /** Runs that came so late that they were history. */
  late: number
  confirmations: Record<string, number>
  firings: Firing[]
  endsAt: number
}

type Event =
  | { at: number; kind: 'slot'; regionId: string }
  | { at: number; kind: 'command'; regionId: string }
  | { at: number; kind: 'arrival'; vote: RegionVote }
  | { at: number; kind: 'look' }

/** Round trips of a look: connection, request; each packet is sent again up to three times. */
const ROUND_TRIPS = 2
const SENDS = 4
const LOSS_MAX = 0.2

export function simulateFleet(
  check: CheckDefinition,
  {
    seed,
    runsMin,
    startAt,
    troubles,
    outageAt,
  }: {
    seed: number
    /** It ends once so many runs have come. */
    runsMin: number
    startAt: number
    troubles: Troubles
    /** True while the target fails for the region. */
    outageAt(now: number, regionId: string): boolean
  },
): Simulated {
  const random = seededRandom(seed)
  const periodMs = slotPeriodMs(check, startAt)
  const freshForMs = voteFreshForMs(check, periodMs)
  const { backMs } = voteReach(check, periodMs, freshForMs)
  const probes = new Map(check.regions.map((id) => [id, createProbe(random, startAt, troubles)]))
  const votes = new Map<string, RegionVote[]>(check.regions.map((id) => [id, []]))
  const found: Simulated = {
    ...{ runs: 0, missed: 0, late: 0, firings: [], endsAt: startAt },
    verdicts: { passed: 0, degraded: 0, failed: 0, probe_fault: 0 },
    confirmations: {},
  }
  let alert: AlertStatus = anAlert({ since: startAt })
  let runCount = 0
  /** When time alone may change something; looks for other instants are of the past. */
  let dueAt: number | undefined
  const queue = createQueue<Event>()
  for (const regionId of check.regions)
    queue.add({
      at: dueSlots(check, regionId, startAt, startAt + periodMs)[0] ?? startAt,
      kind: 'slot',
      regionId,
    })

  function run(regionId: string, now: number, isCommanded: boolean): void {
    const probe = probes.get(regionId)
    const weather = probe?.at(now)
    const outcome = weather && execute(weather, { random, isDown: outageAt(now, regionId) })
    if (!weather || !outcome) {
      found.missed += isCommanded ? 0 : 1
      return
    }
    const durationMs = outcome.durationMs
    const sentAt = now + outcome.waitMs + durationMs
    const vote: RegionVote = {
      ...{ regionId, verdict: outcome.verdict, runId: `run-${++runCount}`, durationMs },
      slotAt: now,
      startedAt: now + outcome.waitMs,
      receivedAt: Math.max(sentAt, weather.reachableAt) + 50 + random() * 250,
      ...(isCommanded && { isCommanded }),
    }
    queue.add({ at: vote.receivedAt ?? sentAt, kind: 'arrival', vote })
  }

  function evaluate(now: number): void {
    const votesByRegion = new Map(
      [...votes].map(([id, some]) => [id, some.filter(({ slotAt }) => slotAt >= now - backMs)]),
    )
    const input = { check, alert, votesByRegion, freshForMs, now }
    const decision = evaluateAlert(input)
    const reachable = check.regions.filter(
      (id) => (probes.get(id)?.at(now).reachableAt ?? 0) <= now,
    )
    const before = alert
    const { next } = decision
    const wish = wantsConfirmation({
      ...{ check, before, next, reachable, now },
      askedInLastMinute: 0,
    })
    const confirmation = wish.isWanted
      ? beginConfirmation(check, {
          ...{ commandId: 'c', asked: wish.asks, now },
          failed: next.failing,
        })
      : followConfirmation(before.confirmation, { check, before, next, votesByRegion, now })
    if (wish.isWanted)
      for (const regionId of wish.asks)
        queue.add({ at: now + 20 + random() * 80, kind: 'command', regionId })
    if (
      confirmation?.verdict !== undefined &&
      confirmation.verdict !== before.confirmation?.verdict
    )
      found.confirmations[confirmation.verdict] =
        (found.confirmations[confirmation.verdict] ?? 0) + 1
    alert = { ...next, ...(confirmation && { confirmation }) }
    const firing = found.firings.at(-1)
    if (decision.kind === 'fire')
      found.firings.push({ at: now, until: undefined, regions: [...decision.regions] })
    else if (decision.kind === 'update' && firing) firing.regions = [...decision.regions]
    else if (decision.kind === 'resolve' && firing) firing.until = now
    const due = [nextEvaluationAt(input, alert), confirmationDueAt(confirmation)].filter(
      (at) => at !== undefined && at > now,
    )
    dueAt = due.length > 0 ? Math.min(...(due as number[])) : undefined
    if (dueAt !== undefined) queue.add({ at: dueAt, kind: 'look' })
  }

  for (let event = queue.next(); event && found.runs < runsMin; event = queue.next()) {
    const { at: now } = event
    found.endsAt = now
    if (event.kind === 'slot') {
      run(event.regionId, now, false)
      queue.add({ at: now + periodMs, kind: 'slot', regionId: event.regionId })
    } else if (event.kind === 'command') {
      // Off the grid by the half of a millisecond that slots never have.
      run(event.regionId, Math.floor(now) + 0.5, true)
    } else if (event.kind === 'arrival' || now === dueAt) {
      if (event.kind === 'arrival') {
        const { vote } = event
        found.runs += 1
        found.verdicts[vote.verdict] += 1
        if ((vote.receivedAt ?? 0) - vote.slotAt > freshForMs) found.late += 1
        const known = votes.get(vote.regionId) ?? []
        known.push(vote)
        if (known.length > VOTES_KEPT) known.splice(0, known.length - VOTES_KEPT / 2)
      }
      evaluate(now)
    }
  }
  return found
}

/** Far more than any rule of these tests looks back. */
const VOTES_KEPT = 24

type Weather = {
  isOverloaded: boolean
  unseen: number
  loss: number
  isDead: boolean
  /** From then on the coordinator can be reached. */
  reachableAt: number
}

/** A region's probe with its troubles, each of which comes and goes by itself. */
function createProbe(random: () => number, startAt: number, troubles: Troubles) {
  const overload = createSpells(random, startAt, troubles.overload)
  const loss = createSpells(random, startAt, troubles.loss)
  const crash = createSpells(random, startAt, troubles.crash)
  const cut = createSpells(random, startAt, troubles.cut)
  return {
    at(now: number): Weather {
      const dead = crash(now)
      return {
        isOverloaded: overload(now) !== undefined,
        unseen: troubles.overload?.unseen ?? 0,
        loss: LOSS_MAX * (loss(now)?.strength ?? 0),
        isDead: dead !== undefined,
        reachableAt: Math.max(now, dead?.until ?? 0, cut(now)?.until ?? 0),
      }
    },
  }
}

/** Spells of trouble, one after the other; asked in the order of time. */
function createSpells(random: () => number, startAt: number, trouble: Trouble | undefined) {
  const mean = (ms: number) => -Math.log(1 - random()) * ms
  let from = trouble ? startAt + mean(trouble.everyMs) : Infinity
  let until = trouble ? from + mean(trouble.lastsMs) : Infinity
  let strength = random()
  return (now: number): { until: number; strength: number } | undefined => {
    while (trouble && now >= until) {
      from = until + mean(trouble.everyMs)
      until = from + mean(trouble.lastsMs)
      strength = random()
    }
    return now >= from ? { until, strength } : undefined
  }
}

function execute(
  { isDead, isOverloaded, unseen, loss }: Weather,
  { random, isDown }: { random: () => number; isDown: boolean },
): { verdict: Verdict; waitMs: number; durationMs: number } | undefined {
  if (isDead) return undefined
  if (isOverloaded) {
    const luck = random()
    if (luck < 0.3) return undefined
    const waitMs = random() * 4_000
    if (luck < 0.3 + unseen) return { verdict: 'failed', waitMs, durationMs: 5_000 }
    if (luck < 0.6) return { verdict: 'probe_fault', waitMs, durationMs: 5_000 }
    return { verdict: isDown ? 'failed' : 'passed', waitMs, durationMs: 300 + random() * 3_000 }
  }
  if (isDown) return { verdict: 'failed', waitMs: 0, durationMs: 50 + random() * 400 }
  // Retried once, on a connection of its own.
  const isLost = loss > 0 && isExchangeLost(random, loss) && isExchangeLost(random, loss)
  return isLost
    ? { verdict: 'failed', waitMs: 0, durationMs: 5_000 }
    : { verdict: 'passed', waitMs: 0, durationMs: 50 + random() * 250 }
}

/** A round trip is lost when none of its packets is answered in time. */
function isExchangeLost(random: () => number, loss: number): boolean {
  const roundTrip = 1 - (1 - loss) ** 2
  return Array.from({ length: ROUND_TRIPS }, () => random() < roundTrip ** SENDS).some(Boolean)
}

/** What comes first is next; of the same instant, what was added first. A binary heap. */
function createQueue<E extends { at: number }>() {
  const heap: { event: E; order: number }[] = []
  let added = 0
  const isBefore = (a: number, b: number) => {
    const [one, other] = [heap[a], heap[b]]
    return one !== undefined && other !== undefined && isSooner(one, other)
  }
  const isSooner = (one: { event: E; order: number }, other: { event: E; order: number }) =>
    one.event.at === other.event.at ? one.order < other.order : one.event.at < other.event.at
  const swap = (a: number, b: number) => {
    const [one, other] = [heap[a], heap[b]]
    if (one && other) {
      heap[a] = other
      heap[b] = one
    }
  }
  return {
    add(event: E): void {
      heap.push({ event, order: added++ })
      for (let at = heap.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1
        if (!isBefore(at, parent)) break
        swap(at, parent)
        at = parent
      }
    },
    next(): E | undefined {
      const [first] = heap
      const last = heap.pop()
      if (heap.length > 0 && last) {
        heap[0] = last
        for (let at = 0; ; ) {
          const [left, right] = [2 * at + 1, 2 * at + 2]
          const least = [at, left, right].reduce((a, b) => (isBefore(b, a) ? b : a))
          if (least === at) break
          swap(at, least)
          at = least
        }
      }
      return first?.event
    },
  }
}
