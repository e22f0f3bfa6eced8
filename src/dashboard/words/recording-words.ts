import { describeDuration } from '../../base/duration.ts'
import type { Recording } from '../../protocol/recording.ts'
import type { Run } from '../../protocol/run.ts'

/**
 * What came of the second run, and what that says of the first: `The journey was run once more and
 * failed again in step “pay”, after 2.1 s.`
 */
export function recordingSentence(
  recording: Pick<Recording, 'verdict' | 'step' | 'durationMs' | 'error'>,
  run: Pick<Run, 'verdict' | 'error'>,
): string {
  const { verdict, step, durationMs } = recording
  const took = durationMs === undefined ? '' : ` after ${describeDuration(durationMs)}`
  const again = run.verdict === 'failed' ? ' again' : ''
  if (verdict === 'probe_fault')
    return 'The journey was to be run once more to record it, but the probe could not do it.'
  if (verdict === 'failed') {
    const where = step === undefined ? '' : ` in step “${step}”`
    const same = isSameError(recording, run) ? ', with the same error' : ''
    return `The journey was run once more to record it, and failed${again}${where}${took}${same}.`
  }
  const passed = `The journey was run once more to record it, and passed${took}`
  return run.verdict === 'failed'
    ? `${passed}: the failure was not there a moment later, and the files do not show it.`
    : `${passed}.`
}

/** Whether the second run failed with the very words of the first; they need not be read twice. */
export const isSameError = (a: Pick<Recording, 'error'>, b: Pick<Run, 'error'>): boolean =>
  a.error !== undefined && a.error.message === b.error?.message
