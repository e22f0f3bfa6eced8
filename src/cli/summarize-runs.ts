import { stripVTControlCharacters } from 'node:util'
import { describeDuration } from '../base/duration.ts'
import type { Run, Verdict } from '../protocol/run.ts'

/** Times in milliseconds, by nearest rank: always one that some run took. */
export type Times = { name: string; count: number; p50Ms: number; p95Ms: number }

export type RunsSummary = {
  runs: number
  verdicts: Partial<Record<Verdict, number>>
  /** Share of the runs that passed or were only degraded, 0 to 1. */
  passRate: number
  total: Times
  /** In the order in which they were first seen; of steps that passed or were degraded. */
  steps: Times[]
  /** The most frequent first. */
  failures: { message: string; count: number }[]
}

/** What several runs of one check have in common, for finding out how often and where it is flaky. */
export function summarizeRuns(runs: readonly Run[]): RunsSummary {
  const verdicts: RunsSummary['verdicts'] = {}
  const steps = new Map<string, number[]>()
  const failures = new Map<string, number>()
  for (const { verdict, error, steps: taken } of runs) {
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
    for (const { name, status, ms } of taken) {
      const times = steps.get(name) ?? []
      if (status === 'passed' || status === 'degraded') times.push(ms)
      steps.set(name, times)
    }
    // The first line says what; addresses and call logs below it differ from run to run.
    const message = error?.message.split('\n')[0]
    if (message !== undefined) failures.set(message, (failures.get(message) ?? 0) + 1)
  }
  const good = (verdicts.passed ?? 0) + (verdicts.degraded ?? 0)
  return {
    runs: runs.length,
    verdicts,
    passRate: runs.length === 0 ? 0 : good / runs.length,
    total: timesOf(
      'total',
      runs.map(({ durationMs }) => durationMs),
    ),
    steps: [...steps].map(([name, times]) => timesOf(name, times)),
    failures: [...failures]
      .map(([message, count]) => ({ message, count }))
      .toSorted((a, b) => b.count - a.count),
  }
}

function timesOf(name: string, times: readonly number[]): Times {
  const sorted = times.toSorted((a, b) => a - b)
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
  return { name, count: sorted.length, p50Ms: rank(0.5), p95Ms: rank(0.95) }
}

/** Longer names are cut. */
const NAME_WIDTH_MAX = 40

/** The summary for people. */
export function renderSummary(summary: RunsSummary): string {
  const { runs, verdicts, passRate, total, steps, failures } = summary
  const counts = Object.entries(verdicts).map(([verdict, n]) => `${n} ${verdict.replace('_', ' ')}`)
  const rows = [...steps, total]
  const width = Math.min(NAME_WIDTH_MAX, Math.max(...rows.map(({ name }) => name.length)))
  const lines = rows.map(({ name, count, p50Ms, p95Ms }) => {
    const shown = clean(name).slice(0, NAME_WIDTH_MAX).padEnd(width)
    if (count === 0) return `  ${shown}  never passed`
    return `  ${shown}  p50 ${describeDuration(p50Ms)}  p95 ${describeDuration(p95Ms)}  (${count})`
  })
  return [
    `${runs} runs: ${counts.join(', ')}; pass rate ${(passRate * 100).toFixed(passRate === 1 ? 0 : 1)} %`,
    '',
    ...lines,
    ...(failures.length > 0 ? [''] : []),
    ...failures.map(({ message, count }) => `  ${count} × ${clean(message)}`),
    '',
  ].join('\n')
}

const clean = (text: string) => stripVTControlCharacters(text).replace(/\p{Cc}/gu, ' ')
