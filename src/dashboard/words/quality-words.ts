import { describeDuration } from '../../base/duration.ts'
import type { Run } from '../../protocol/run.ts'
import { count } from './quantity.ts'

/** How far the run's times can be believed, in words. */
export function qualitySentence({ verdict, quality }: Pick<Run, 'verdict' | 'quality'>): string {
  if (verdict === 'probe_fault')
    return 'The probe could not measure; the run says nothing about the target.'
  if (!quality) return 'The probe did not say how well it could measure.'
  if (quality.flagged !== undefined)
    return `Its times are not counted as the target's: ${quality.flagged.replace(/\.$/, '')}. Whatever else it found counts.`
  const { eventLoopUtilization, eventLoopLagMs, concurrentRuns } = quality
  const busy = `${Math.round(eventLoopUtilization * 100)} % busy`
  return `Measured well: the probe was ${busy}, at most ${describeDuration(eventLoopLagMs)} late, with ${count(concurrentRuns, 'other run')} at once.`
}
