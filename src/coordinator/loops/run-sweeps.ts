import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { openSweeps } from '../store/sweeps.ts'
import { continueSweep } from '../sweep-desk.ts'

/** Carries sweeps of incidents on until everybody has answered or is late. */
export const runSweeps = defineLoop<CoordinatorParts>({
  name: 'run-sweeps',
  everyMs: 500,
  deadlineMs: 30_000,
  async run(parts, signal) {
    const open = await openSweeps(parts.store)
    await Promise.all(open.map((sweep) => continueSweep(parts, sweep, signal)))
  },
})
