/** A stretch of wall-clock time, `after < instant <= until`, whose slots have been dealt with. */
type Stretch = { after: number; until: number }

/**
 * A clock that was set back and forth many times leaves many stretches; the oldest is forgotten, and
 * the coordinator then takes the first run of a slot that is run twice.
 */
const STRETCHES_MAX = 16

/** How much before the latest slot of an earlier process counts as dealt with by it. */
const EARLIER_PROCESS_MS = 3_600_000

export type Slots = { due: number[]; lateCount: number }

const NOTHING: Slots = { due: [], lateCount: 0 }

/**
 * Remembers which part of the slot grid has been dealt with, so that no slot is run twice whatever
 * the wall clock does.
 *
 * States: following (the last stretch grows with the clock) → the clock jumps forward, or nobody
 * looked for a while: what lies between is too late to be run, and a new stretch begins → the clock
 * goes back into a stretch: nothing is due until its end, and it is followed from there → the clock
 * goes back to where no stretch is: a new one begins.
 */
export class SlotMemory {
  /** The last one is being followed. */
  #stretches: Stretch[]

  /**
   * @param lastSlot the latest slot that an earlier process dealt with. What has become due since then
   * and is not late yet is still run: a quick restart costs no slot.
   */
  constructor(now: number, toleranceMs: number, lastSlot?: number) {
    if (lastSlot === undefined) {
      this.#stretches = [{ after: now, until: now }]
      return
    }
    this.#stretches = [{ after: lastSlot - EARLIER_PROCESS_MS, until: lastSlot }]
    // Nobody expects from us what was due while no probe ran.
    if (now - lastSlot > toleranceMs)
      this.#stretches.push({ after: now - toleranceMs, until: now - toleranceMs })
  }

  /**
   * What has become due since the last look: slots to run, and how many are more than `toleranceMs`
   * late. Both count as dealt with from here on.
   *
   * @param slotsIn the slots of the grid with `after < slot <= until`.
   */
  advance(
    now: number,
    toleranceMs: number,
    slotsIn: (after: number, until: number) => number[],
  ): Slots {
    const current = this.#stretches.at(-1)
    if (!current || now < current.until) return this.#goBack(now)

    const others = this.#stretches.slice(0, -1)
    const fresh = (after: number, until: number) =>
      slotsIn(after, until).filter(
        (slot) => !others.some((other) => slot > other.after && slot <= other.until),
      )
    const inTime = now - toleranceMs
    const lateCount = current.until < inTime ? fresh(current.until, inTime).length : 0
    const due = fresh(Math.max(current.until, inTime), now)
    if (lateCount === 0) {
      current.until = now
      this.#stretches = [...others.filter((other) => !isWithin(other, current)), current]
    } else {
      // What was too late was run by nobody: when the clock comes back there, it is due again.
      this.#follow({ after: inTime, until: now })
    }
    return { due, lateCount }
  }

  #goBack(now: number): Slots {
    const known = this.#stretches.find(({ after, until }) => now > after && now <= until)
    if (known) this.#stretches = [...this.#stretches.filter((other) => other !== known), known]
    else this.#follow({ after: now, until: now })
    return NOTHING
  }

  #follow(stretch: Stretch): void {
    this.#stretches = [...this.#stretches, stretch].slice(-STRETCHES_MAX)
  }
}

const isWithin = (inner: Stretch, outer: Stretch) =>
  inner.after >= outer.after && inner.until <= outer.until
