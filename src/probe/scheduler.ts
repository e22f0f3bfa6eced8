import { assert } from '../base/assert.ts'
import type { ProbedCheck } from '../protocol/check.ts'
import type { Tier } from '../protocol/check-base.ts'
import type { RunCommand, RunError } from '../protocol/run.ts'
import { dueSlots, nextSlot, offGridInstant, slotPeriodMs } from '../protocol/schedule.ts'
import { Capacity, type Lane, laneOf, type Places } from './capacity.ts'
import { SlotMemory } from './slot-memory.ts'
import { WaitingSlots } from './waiting-slots.ts'

/**
 * Decides which slots are run and when. It keeps no time and starts nothing: `drive-scheduler.ts` tells
 * it the time and does what it decides.
 *
 * A check is idle → waiting (its slot is due and no place is free) → running → idle. A slot ends in
 * one of three ways:
 *
 * - started;
 * - shed: the probe could not keep up. It is recorded as a `probe_fault`, so that it is accounted for;
 * - late: nobody looked until long after it was due (the process was stopped, the machine slept, the
 *   clock was set). Running it would measure another moment than the one it stands for. It is only
 *   counted; the coordinator sees that it is missing.
 *
 * One look at the clock, in this order, all of it synchronous, so that nothing changes in between:
 *
 * 1. What has waited for longer than its period is shed: its next slot is there.
 * 2. Each check whose time has come gives its due slot. Slots are on the absolute grid, so there is no
 *    drift; at most one slot of a check comes out, so there is no burst after a pause.
 * 3. A slot whose check is still running is shed; one whose check still waits takes its place.
 * 4. Those that wait get the free places: higher tiers first, then first come, first served. So when
 *    there are too few, it is the lowest tier that waits, and is shed.
 *
 * How many places there are in the network's lane changes with how busy the probe is
 * (`network-limit.ts`): what it cannot measure truly it does not take on.
 *
 * A command runs a check outside its grid, and never at the cost of a slot: only on a place that nobody
 * waits for, and beside the slots of its own check, which come due as ever.
 *
 * An assignment is taken over between two looks. Runs under way and slots that wait keep the definition
 * that they were made from.
 */

/** With a command it is none of the grid: `slotAt` is the instant at which it is run. */
export type DueSlot = { check: ProbedCheck; slotAt: number; command?: RunCommand }

export type Decision =
  | { kind: 'start'; slot: DueSlot }
  | { kind: 'shed'; slot: DueSlot; error: RunError }
  | { kind: 'late'; checkId: string; count: number }

/** Why a command is let be. */
export type LetBe =
  /** Not assigned, or of a kind that this probe does not know. */
  | 'unknown_check'
  /** Its slot is being run, which tells as much. */
  | 'running'
  /** The probe has enough to do with its slots. */
  | 'no_place'

/** A slot that is noticed later than this is not run, or than half its period if that is shorter. */
const LATE_MS_MAX = 5_000

/** How long after it had to shed for want of places a probe counts as too small for what it has to do. */
const UNDER_PROVISIONED_MS = 5 * 60_000

/** Slots that wait for a place. Each check has at most one; this bounds an absurd assignment. */
const WAITING_SLOTS_MAX = 5_000

type Entry = {
  check: ProbedCheck
  memory: SlotMemory
  /** When it is worth looking again; undefined when a cron expression has no slot left. */
  nextAt: number | undefined
}

export type SchedulerOptions = {
  regionId: string
  places: Places
  /** The latest slots that earlier processes dealt with, by check. */
  lastSlots: ReadonlyMap<string, number>
}

export class Scheduler {
  readonly #regionId: string
  readonly #capacity: Capacity
  readonly #lastSlots: ReadonlyMap<string, number>
  #entries = new Map<string, Entry>()
  readonly #waiting = new WaitingSlots()
  readonly #running = new Set<string>()
  /** Checks that are run by command. */
  readonly #commanded = new Set<string>()
  readonly #counts = { shedSlots: 0, lateSlots: 0 }
  #lookedAt = -Infinity
  #lackedPlacesAt = -Infinity

  constructor({ regionId, places, lastSlots }: SchedulerOptions) {
    this.#regionId = regionId
    this.#capacity = new Capacity(places)
    this.#lastSlots = lastSlots
  }

  /** Runs under way. */
  get running(): Places {
    return this.#capacity.taken
  }

  get waitingCount(): number {
    return this.#waiting.size
  }

  /** Runs that may be under way at once, at the moment. */
  get limits(): Places {
    return this.#capacity.limits
  }

  /** Whether slots were shed lately because there were not enough places. */
  isUnderProvisioned(now: number): boolean {
    return now - this.#lackedPlacesAt < UNDER_PROVISIONED_MS
  }

  /** Changes how many network checks may be under way at once. Gives what can start now. */
  limitNetwork(runs: number): Decision[] {
    this.#capacity.limit('network', runs)
    return this.#startWaiting()
  }

  /** Slots shed and slots late, since the start. */
  get counts(): { shedSlots: number; lateSlots: number } {
    return { ...this.#counts }
  }

  /** Takes over an assignment, all at once. Every check must be one of this region. */
  assign(checks: readonly ProbedCheck[], now: number): void {
    const entries = new Map<string, Entry>()
    for (const check of checks) {
      assert(check.regions.includes(this.#regionId), 'an assignment is of one region')
      const known = this.#entries.get(check.id)
      const memory =
        known?.memory ?? new SlotMemory(now, toleranceMs(check, now), this.#lastSlots.get(check.id))
      // Looked at once with the next look: the grid may be another one.
      entries.set(check.id, { check, memory, nextAt: now })
    }
    this.#entries = entries
  }

  /** What is to be done now. */
  advance(now: number): Decision[] {
    const hasClockGoneBack = now < this.#lookedAt
    this.#lookedAt = now
    const decisions = this.#shedWaiting(now)
    const due: DueSlot[] = []
    for (const entry of this.#entries.values())
      if (hasClockGoneBack || (entry.nextAt !== undefined && entry.nextAt <= now)) {
        const { late, slot } = this.#lookAt(entry, now)
        if (late > 0) decisions.push({ kind: 'late', checkId: entry.check.id, count: late })
        if (slot) due.push(slot)
      }
    // After a look that came late several are due, and who was due first comes first.
    due.sort((a, b) => a.slotAt - b.slotAt)
    for (const slot of due) decisions.push(...this.#queue(slot))
    return [...decisions, ...this.#startWaiting()]
  }

  /** The check's run is over. Gives what can start in its place. */
  ended({ check, command }: DueSlot): Decision[] {
    const runs = command ? this.#commanded : this.#running
    runs.delete(check.id)
    this.#capacity.free(laneOf(check))
    return this.#startWaiting()
  }

  /** Runs a check now if that takes nothing from a slot; `ended()` frees its place as well. */
  runNow(checkId: string, command: RunCommand, now: number): Decision | LetBe {
    const check = this.#entries.get(checkId)?.check
    if (!check) return 'unknown_check'
    if (this.#running.has(checkId) || this.#commanded.has(checkId)) return 'running'
    const lane = laneOf(check)
    const isWaitedFor = this.#waiting.inOrder().some((slot) => laneOf(slot.check) === lane)
    if (isWaitedFor || this.isUnderProvisioned(now) || !this.#capacity.take(lane)) return 'no_place'
    this.#commanded.add(checkId)
    const slotAt = offGridInstant(check, this.#regionId, now)
    return { kind: 'start', slot: { check, slotAt, command } }
  }

  /** When to look again at the latest. */
  nextAt(): number | undefined {
    let next: number | undefined
    for (const { nextAt } of this.#entries.values())
      if (nextAt !== undefined && (next === undefined || nextAt < next)) next = nextAt
    return next
  }

  #lookAt(entry: Entry, now: number): { late: number; slot: DueSlot | undefined } {
    const { check, memory } = entry
    const { due, lateCount } = memory.advance(now, toleranceMs(check, now), (after, until) =>
      dueSlots(check, this.#regionId, after, until),
    )
    entry.nextAt = nextSlot(check, this.#regionId, now)
    const slotAt = due.at(-1)
    const late = lateCount + Math.max(0, due.length - 1)
    this.#counts.lateSlots += late
    return { late, slot: slotAt === undefined ? undefined : { check, slotAt } }
  }

  #queue(slot: DueSlot): Decision[] {
    const { check } = slot
    if (this.#capacity.places[laneOf(check)] === 0) return [this.#shed(slot, noPlaces(check))]
    if (this.#running.has(check.id)) return [this.#shed(slot, PREVIOUS_RUNS)]
    // Removed first, so that it queues at the end like everything that becomes due now.
    const before = this.#waiting.remove(check.id)
    if (before) return [this.#shedForLack(before, tooLong), ...this.#queue(slot)]
    if (this.#waiting.size < WAITING_SLOTS_MAX) {
      this.#waiting.add(slot)
      return []
    }
    const lowest = this.#waiting.giveWayTo(check.tier)
    if (!lowest) return [this.#shedForLack(slot, queueFull)]
    this.#waiting.remove(lowest.check.id)
    this.#waiting.add(slot)
    return [this.#shedForLack(lowest, queueFull)]
  }

  #shedWaiting(now: number): Decision[] {
    const decisions: Decision[] = []
    for (const slot of this.#waiting.inOrder()) {
      if (now - slot.slotAt <= slotPeriodMs(slot.check, slot.slotAt)) continue
      this.#waiting.remove(slot.check.id)
      decisions.push(this.#shedForLack(slot, tooLong))
    }
    return decisions
  }

  #startWaiting(): Decision[] {
    const decisions: Decision[] = []
    const full = new Set<Lane>()
    for (const slot of this.#waiting.inOrder()) {
      const { id: checkId } = slot.check
      const lane = laneOf(slot.check)
      // Its check may have begun to run again since, when it was removed and came back.
      if (full.has(lane) || this.#running.has(checkId)) continue
      if (!this.#capacity.take(lane)) {
        full.add(lane)
        continue
      }
      this.#waiting.remove(checkId)
      this.#running.add(checkId)
      decisions.push({ kind: 'start', slot })
    }
    return decisions
  }

  #shedForLack(slot: DueSlot, why: (tier: Tier, places: number) => string): Decision {
    this.#lackedPlacesAt = this.#lookedAt
    const places = this.#capacity.limits[laneOf(slot.check)]
    return this.#shed(slot, { type: 'probe.overload', message: why(slot.check.tier, places) })
  }

  #shed(slot: DueSlot, error: RunError): Decision {
    this.#counts.shedSlots++
    return { kind: 'shed', slot, error }
  }
}

function toleranceMs(check: ProbedCheck, now: number): number {
  return Math.min(slotPeriodMs(check, now) / 2, LATE_MS_MAX)
}

const PREVIOUS_RUNS: RunError = {
  type: 'probe.overload',
  message: 'the previous run of this check was still under way',
}
const tooLong = (tier: Tier, places: number) =>
  `no place became free before the next slot: this probe has too much to do (it runs ${places} such checks at once; those of a higher tier than ${tier} go first)`
const queueFull = (tier: Tier) =>
  `more than ${WAITING_SLOTS_MAX} checks wait for a place: this probe has too much to do (those of a higher tier than ${tier} go first)`

const noPlaces = ({ kind }: ProbedCheck): RunError =>
  kind === 'journey'
    ? {
        type: 'probe.browser_missing',
        message: 'this probe runs no browsers (FIREWATCH_BROWSERS is 0)',
      }
    : { type: 'probe.overload', message: 'this probe runs no network checks' }
