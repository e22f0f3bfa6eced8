import { assert } from '../base/assert.ts'
import type { ProbedCheck } from '../protocol/check.ts'
import type { RunError } from '../protocol/run.ts'
import { dueSlots, nextSlot, slotPeriodMs } from '../protocol/schedule.ts'
import { Capacity, type Lane, laneOf, type Places } from './capacity.ts'
import { SlotMemory } from './slot-memory.ts'

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
 * 4. Those that wait get the free places, first come, first served.
 *
 * An assignment is taken over between two looks. Runs under way and slots that wait keep the definition
 * that they were made from.
 */

export type DueSlot = { check: ProbedCheck; slotAt: number }

export type Decision =
  | { kind: 'start'; slot: DueSlot }
  | { kind: 'shed'; slot: DueSlot; error: RunError }
  | { kind: 'late'; checkId: string; count: number }

/** A slot that is noticed later than this is not run, or than half its period if that is shorter. */
const LATE_MS_MAX = 5_000

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
  /** By check, in the order in which they came. */
  readonly #waiting = new Map<string, DueSlot>()
  readonly #running = new Set<string>()
  readonly #counts = { shedSlots: 0, lateSlots: 0 }
  #lookedAt = -Infinity

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
    for (const entry of this.#entries.values())
      if (hasClockGoneBack || (entry.nextAt !== undefined && entry.nextAt <= now))
        decisions.push(...this.#lookAt(entry, now))
    return [...decisions, ...this.#startWaiting()]
  }

  /** The check's run is over. Gives what can start in its place. */
  ended({ check }: DueSlot): Decision[] {
    this.#running.delete(check.id)
    this.#capacity.free(laneOf(check))
    return this.#startWaiting()
  }

  /** When to look again at the latest. */
  nextAt(): number | undefined {
    let next: number | undefined
    for (const { nextAt } of this.#entries.values())
      if (nextAt !== undefined && (next === undefined || nextAt < next)) next = nextAt
    return next
  }

  #lookAt(entry: Entry, now: number): Decision[] {
    const { check, memory } = entry
    const { due, lateCount } = memory.advance(now, toleranceMs(check, now), (after, until) =>
      dueSlots(check, this.#regionId, after, until),
    )
    entry.nextAt = nextSlot(check, this.#regionId, now)
    const slotAt = due.at(-1)
    const late = lateCount + Math.max(0, due.length - 1)
    this.#counts.lateSlots += late
    return [
      ...(late > 0 ? [{ kind: 'late', checkId: check.id, count: late } as const] : []),
      ...(slotAt === undefined ? [] : this.#queue({ check, slotAt })),
    ]
  }

  #queue(slot: DueSlot): Decision[] {
    const { check } = slot
    if (this.#capacity.places[laneOf(check)] === 0) return [this.#shed(slot, noPlaces(check))]
    if (this.#running.has(check.id)) return [this.#shed(slot, PREVIOUS_RUNS)]
    const before = this.#waiting.get(check.id)
    // Deleted first, so that it queues at the end like everything that becomes due now.
    this.#waiting.delete(check.id)
    if (before) return [this.#shed(before, WAITED_TOO_LONG), ...this.#queue(slot)]
    if (this.#waiting.size >= WAITING_SLOTS_MAX) return [this.#shed(slot, QUEUE_FULL)]
    this.#waiting.set(check.id, slot)
    return []
  }

  #shedWaiting(now: number): Decision[] {
    const decisions: Decision[] = []
    for (const [checkId, slot] of this.#waiting) {
      if (now - slot.slotAt <= slotPeriodMs(slot.check, slot.slotAt)) continue
      this.#waiting.delete(checkId)
      decisions.push(this.#shed(slot, WAITED_TOO_LONG))
    }
    return decisions
  }

  #startWaiting(): Decision[] {
    const decisions: Decision[] = []
    const full = new Set<Lane>()
    for (const [checkId, slot] of this.#waiting) {
      const lane = laneOf(slot.check)
      // Its check may have begun to run again since, when it was removed and came back.
      if (full.has(lane) || this.#running.has(checkId)) continue
      if (!this.#capacity.take(lane)) {
        full.add(lane)
        continue
      }
      this.#waiting.delete(checkId)
      this.#running.add(checkId)
      decisions.push({ kind: 'start', slot })
    }
    return decisions
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
const WAITED_TOO_LONG: RunError = {
  type: 'probe.overload',
  message: 'no place became free before the next slot: this probe has too much to do',
}
const QUEUE_FULL: RunError = {
  type: 'probe.overload',
  message: `more than ${WAITING_SLOTS_MAX} checks wait for a place: this probe has too much to do`,
}

const noPlaces = ({ kind }: ProbedCheck): RunError =>
  kind === 'journey'
    ? {
        type: 'probe.browser_missing',
        message: 'this probe runs no browsers (FIREWATCH_BROWSERS is 0)',
      }
    : { type: 'probe.overload', message: 'this probe runs no network checks' }
