import type { CheckDefinition } from '../../protocol/check.ts'

/** A failed run is tried once more at once, within the same slot. */
export const RUNS_PER_SLOT_MAX = 2

/** What a run may take besides its timeouts: queueing, the browser's start, spool and sending. */
export const MISSED_GRACE_MS = 15_000

/** When the slot's run must have come in; from then on the slot was missed. */
export function dueBy(check: Pick<CheckDefinition, 'timeoutMs'>, slotAt: number): number {
  return slotAt + RUNS_PER_SLOT_MAX * check.timeoutMs + MISSED_GRACE_MS
}
