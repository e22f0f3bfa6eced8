import { describeDuration } from '../../../base/duration.ts'
import type { MitigationEffect, RunSample } from '../../../protocol/mitigation.ts'
import { percentile } from '../../measurement/percentile.ts'

/** So much before and after a mitigation is compared. */
export const COMPARED_MS = 5 * 60_000
/** What has done nothing by then is said to do nothing, while there is time to try another thing. */
export const EARLY_MS = 3 * 60_000
/** Runs below which a stretch says nothing. */
export const COMPARED_RUNS_MIN = 3

/** What is left of the failures when they are over: as few as this, or a tenth of what they were. */
const GONE_SHARE = 0.05
const GONE_OF_BEFORE = 0.1
/** From here on a change of the failing share, or of the 95th percentile, is one. */
const HELPED_TIMES = 0.5
const WORSE_SHARE = 0.1
const FASTER_TIMES = 0.7
const SLOWER_TIMES = 1.4
const P95 = 0.95

export type ComparedRun = { startedAt: number; isFailed: boolean; durationMs: number }

/**
 * Compares the runs before something was done with those after it: whether failing ended and how soon,
 * or that it did nothing. It is a comparison in time, not a proof of cause.
 *
 * @param runs conclusive runs of the affected checks, in any order.
 * @param at when it was done.
 * @param until the end of what is compared, at most {@link COMPARED_MS} after `at`.
 * @param impactStartedAt what lies before it is no part of "before": nothing was to be mitigated then.
 */
export function compareRuns(
  runs: readonly ComparedRun[],
  at: number,
  until: number,
  impactStartedAt = 0,
): MitigationEffect {
  const since = Math.max(at - COMPARED_MS, impactStartedAt)
  const overMs = Math.max(1, until - at)
  const inOrder = runs.toSorted((a, b) => a.startedAt - b.startedAt)
  const before = inOrder.filter((run) => run.startedAt < at && run.startedAt >= since)
  const after = inOrder.filter((run) => run.startedAt >= at && run.startedAt < until)
  const samples = { before: sampleOf(before), after: sampleOf(after) }
  if (before.length < COMPARED_RUNS_MIN || after.length < COMPARED_RUNS_MIN)
    return {
      verdict: 'unknown',
      words: `too few runs to say: ${before.length} before, ${after.length} since`,
      ...samples,
      overMs,
    }
  const failing = shareOf(samples.before)
  return failing > GONE_SHARE
    ? compareFailures({ ...samples, overMs }, after, at)
    : compareTimes({ ...samples, overMs })
}

type Samples = { before: RunSample; after: RunSample; overMs: number }

function compareFailures(
  samples: Samples,
  after: readonly ComparedRun[],
  at: number,
): MitigationEffect {
  const { overMs } = samples
  const before = shareOf(samples.before)
  const gone = Math.max(GONE_SHARE, before * GONE_OF_BEFORE)
  for (let from = 0; from + COMPARED_RUNS_MIN <= after.length; from++) {
    const rest = sampleOf(after.slice(from))
    // It is over with the first run that passed, not with the last that failed.
    if (after[from]?.isFailed !== false || shareOf(rest) > gone) continue
    const lastFailed = after[from - 1]
    const tookMs = lastFailed ? lastFailed.startedAt - at : 0
    const when = lastFailed ? `after ${describeDuration(tookMs)}` : 'at once'
    return {
      verdict: 'worked',
      words: `failing ${percent(before)} → ${percent(shareOf(rest))} ${when}`,
      before: samples.before,
      after: rest,
      tookMs,
      overMs,
    }
  }
  const now = shareOf(samples.after)
  const since = `failing ${percent(before)} → ${percent(now)} within ${describeDuration(overMs)}`
  if (now <= before * HELPED_TIMES) return { verdict: 'helped', words: since, ...samples }
  if (now > before + WORSE_SHARE) return { verdict: 'worse', words: `worse: ${since}`, ...samples }
  return {
    verdict: 'no_effect',
    words: `no effect after ${describeDuration(overMs)}: failing ${percent(before)} before, ${percent(now)} since`,
    ...samples,
  }
}

/** Nothing failed before, so what could change is how long it takes. */
function compareTimes(samples: Samples): MitigationEffect {
  const { before, after, overMs } = samples
  const failing = shareOf(after)
  if (failing > shareOf(before) + WORSE_SHARE)
    return {
      verdict: 'worse',
      words: `worse: failing ${percent(shareOf(before))} → ${percent(failing)} within ${describeDuration(overMs)}`,
      ...samples,
    }
  if (before.p95Ms === undefined || after.p95Ms === undefined)
    return { verdict: 'unknown', words: 'nothing failed, and too few runs were timed', ...samples }
  const words = `95th percentile ${describeDuration(before.p95Ms)} → ${describeDuration(after.p95Ms)}`
  const times = after.p95Ms / Math.max(1, before.p95Ms)
  if (times <= FASTER_TIMES) return { verdict: 'worked', words, ...samples }
  if (times >= SLOWER_TIMES) return { verdict: 'worse', words: `worse: ${words}`, ...samples }
  return {
    verdict: 'no_effect',
    words: `no effect after ${describeDuration(overMs)}: ${words}`,
    ...samples,
  }
}

function sampleOf(runs: readonly ComparedRun[]): RunSample {
  const served = runs
    .filter(({ isFailed }) => !isFailed)
    .map(({ durationMs }) => durationMs)
    .toSorted((a, b) => a - b)
  return {
    runs: runs.length,
    failed: runs.length - served.length,
    ...(served.length >= COMPARED_RUNS_MIN && { p95Ms: percentile(served, P95) }),
  }
}

const shareOf = ({ runs, failed }: RunSample) => (runs === 0 ? 0 : failed / runs)
const percent = (share: number) => `${Math.round(share * 100)} %`
