import type { Phase } from '../../protocol/run.ts'

/**
 * Milliseconds of each phase of the target, by its name. One that came several times, such as once
 * for each redirect, is added up; waiting in the probe's queue is not the target's time.
 */
export function targetPhases(phases: readonly Phase[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { name, ms } of phases)
    if (name !== 'queue') sums[name] = Math.round(((sums[name] ?? 0) + ms) * 1_000) / 1_000
  return sums
}
