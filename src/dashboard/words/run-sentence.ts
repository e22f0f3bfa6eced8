import { describeDuration } from '../../base/duration.ts'
import type { Run, Verdict } from '../../protocol/run.ts'

const VERDICT_WORDS: { readonly [V in Verdict]: string } = {
  passed: 'passed',
  degraded: 'passed, degraded,',
  failed: 'failed',
  probe_fault: 'could not be measured',
}

/** A run in one sentence: `checkout-stop failed in eu-west after 2.1 s, step “pay”: HTTP 502`. */
export function runSentence(
  run: Pick<Run, 'checkId' | 'regionId' | 'verdict' | 'durationMs' | 'error' | 'steps'>,
): string {
  const after = run.verdict === 'failed' ? 'after' : 'in'
  const took = run.verdict === 'probe_fault' ? '' : ` ${after} ${describeDuration(run.durationMs)}`
  const failing = run.steps.find((step) => step.status === 'failed')
  const step = failing ? `, step “${failing.name}”` : ''
  const why = run.error ? `: ${firstLine(run.error.message)}` : ''
  return `${run.checkId} ${VERDICT_WORDS[run.verdict]} in ${run.regionId}${took}${step}${why}`
}

export const firstLine = (text: string): string => text.trim().split('\n', 1)[0] ?? ''
