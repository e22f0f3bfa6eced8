import { setTimeout as wait } from 'node:timers/promises'
import { describeDuration } from '../base/duration.ts'
import { printable } from '../definitions/printable.ts'
import { getCheck, listRuns, type RunSummary, runCheck } from '../protocol/public-api.ts'
import { coordinatorClient } from './coordinator-client.ts'

const LOOK_EVERY_MS = 250

/** What a run needs beside its own time: to begin, and to travel. */
const ASIDE_MS = 5_000

/** Runs of one look; those that were asked for are among the newest. */
const NEWEST = 100

export type FleetRuns = {
  runs: RunSummary[]
  /** Regions that were told and did not answer in time: their probes have enough to do. */
  silent: string[]
  /** Regions of which no probe listens. */
  unreachable: string[]
}

/**
 * Has the fleet run a check now, in all of its regions, and waits for what they say: at most for the
 * check's time limit and its repetitions.
 *
 * @throws {AppError} as `coordinator-client.ts` says; `check.unknown`, `check.not_probed`.
 */
export async function runInFleet(
  checkId: string,
  { coordinator, by }: { coordinator: string; by: string },
): Promise<FleetRuns> {
  const client = coordinatorClient(coordinator)
  const params = { checkId }
  const { definition } = await client.ask(getCheck, { params })
  const { commandId, asked, unreachable } = await client.ask(runCheck, { params, body: { by } })
  const attempts = 1 + (definition.retry?.times ?? 0)
  const deadline = performance.now() + attempts * definition.timeoutMs + ASIDE_MS
  let runs: RunSummary[] = []
  while (runs.length < asked.length && performance.now() < deadline) {
    await wait(LOOK_EVERY_MS)
    const { data } = await client.ask(listRuns, { query: { check: checkId, limit: NEWEST } })
    runs = data.filter((run) => run.command?.commandId === commandId)
  }
  const answered = new Set(runs.map(({ regionId }) => regionId))
  return { runs, silent: asked.filter((region) => !answered.has(region)), unreachable }
}

/** A line for each region. Text that comes from the target cannot control the terminal. */
export function renderFleetRuns({ runs, silent, unreachable }: FleetRuns): string {
  const lines = [
    ...runs.map(({ regionId, verdict, durationMs, error }) => {
      const what = error ? `: ${printable(error.message.split('\n')[0] ?? '')}` : ''
      return `${regionId}  ${verdict} after ${describeDuration(Math.round(durationMs))}${what}`
    }),
    ...silent.map((region) => `${region}  did not answer: its probe has enough to do`),
    ...unreachable.map((region) => `${region}  has no probe that listens`),
  ]
  return `${lines.toSorted().join('\n')}\n`
}
