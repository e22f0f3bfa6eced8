import type { Clock } from '../base/clock.ts'
import type { RunCommand } from '../protocol/run.ts'
import { type Load, networkLimitBounds, nextLimit } from './network-limit.ts'
import type { Decision, DueSlot, LetBe, Scheduler } from './scheduler.ts'

/** Looks at the clock at least so often: a clock that was set, or a machine that slept, is noticed. */
const LOOK_EVERY_MS = 1_000

export type DriverParts = {
  scheduler: Scheduler
  clock: Clock
  /**
   * Runs the slot. Calls `onMeasured` when its place is free: what comes after measuring must not make
   * the check late for its next slot. Resolves when the run is recorded; never rejects.
   */
  start(slot: DueSlot, onMeasured: () => void): Promise<void>
  /** Accounts for a slot that is not run. Never rejects. */
  shed(decision: Extract<Decision, { kind: 'shed' }>): Promise<void>
  late(decision: Extract<Decision, { kind: 'late' }>): void
  /** How busy the process was since the last call. */
  load(): Load
  /** The most network checks at once that this probe was given. */
  networkRunsMax: number
  /** The probe has too much to do, or no longer has. */
  underProvisioned(isSo: boolean): void
}

/** How often the probe asks itself how much it can measure. */
const ADJUST_EVERY_MS = 1_000

export type Driver = {
  /** Looks at once: the assignment is another one. */
  look(): void
  /** Runs a check outside its grid; says why when it does not. */
  runNow(checkId: string, command: RunCommand): 'started' | LetBe | 'stopping'
  /** Starts nothing more; resolves when everything under way has ended. */
  stop(): Promise<void>
}

/** Tells the scheduler the time, and does what it decides. States: driving → stopped. */
export function driveScheduler(parts: DriverParts): Driver {
  const { scheduler, clock } = parts
  const underWay = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let hasStopped = false
  let isUnderProvisioned = false
  let limit = parts.networkRunsMax
  const bounds = networkLimitBounds(parts.networkRunsMax)

  function track(work: Promise<void>): void {
    underWay.add(work)
    void work.finally(() => underWay.delete(work))
  }

  function carryOut(decisions: readonly Decision[]): void {
    for (const decision of decisions) {
      if (decision.kind === 'late') parts.late(decision)
      if (decision.kind === 'shed') track(parts.shed(decision))
      if (decision.kind === 'start') track(run(decision.slot))
    }
  }

  async function run(slot: DueSlot): Promise<void> {
    let isFree = false
    const free = () => {
      if (isFree) return
      isFree = true
      const next = scheduler.ended(slot)
      if (!hasStopped) carryOut(next)
    }
    await parts.start(slot, free)
    free()
  }

  function look(): void {
    if (hasStopped) return
    clearTimeout(timer)
    carryOut(scheduler.advance(clock.now()))
    const waitMs = (scheduler.nextAt() ?? Infinity) - clock.now()
    timer = setTimeout(look, Math.max(1, Math.min(waitMs, LOOK_EVERY_MS)))
  }

  function adjust(): void {
    limit = nextLimit(limit, parts.load(), bounds)
    carryOut(scheduler.limitNetwork(limit))
    const isSo = scheduler.isUnderProvisioned(clock.now())
    if (isSo !== isUnderProvisioned) parts.underProvisioned(isSo)
    isUnderProvisioned = isSo
  }

  look()
  const adjusting = setInterval(adjust, ADJUST_EVERY_MS)
  return {
    look,
    runNow(checkId, command) {
      if (hasStopped) return 'stopping'
      const decision = scheduler.runNow(checkId, command, clock.now())
      if (typeof decision === 'string') return decision
      carryOut([decision])
      return 'started'
    },
    async stop() {
      hasStopped = true
      clearTimeout(timer)
      clearInterval(adjusting)
      await Promise.all(underWay)
    },
  }
}
