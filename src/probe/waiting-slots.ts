import type { Tier } from '../protocol/check-base.ts'
import type { DueSlot } from './scheduler.ts'

/** Who goes first. */
const TIERS: readonly Tier[] = ['core', 'standard', 'minor']

/**
 * Slots that wait for a place, at most one of each check: higher tiers first, and within a tier in the
 * order in which they came, so that each comes to its turn.
 */
export class WaitingSlots {
  readonly #byTier = new Map(TIERS.map((tier) => [tier, new Map<string, DueSlot>()]))

  get size(): number {
    let size = 0
    for (const slots of this.#byTier.values()) size += slots.size
    return size
  }

  add(slot: DueSlot): void {
    this.#byTier.get(slot.check.tier)?.set(slot.check.id, slot)
  }

  /** Takes the check's slot out; its tier may have been another one when it came. */
  remove(checkId: string): DueSlot | undefined {
    for (const slots of this.#byTier.values()) {
      const slot = slots.get(checkId)
      if (slots.delete(checkId)) return slot
    }
    return undefined
  }

  /** Those that go first in front. What is handed out may be removed meanwhile. */
  *inOrder(): Generator<DueSlot> {
    for (const slots of this.#byTier.values()) yield* slots.values()
  }

  /** Who has to give way to a slot of that tier: the last that came of the lowest tier below it. */
  giveWayTo(tier: Tier): DueSlot | undefined {
    for (const lower of TIERS.slice(TIERS.indexOf(tier) + 1).toReversed()) {
      const last = [...(this.#byTier.get(lower)?.values() ?? [])].at(-1)
      if (last) return last
    }
    return undefined
  }
}
