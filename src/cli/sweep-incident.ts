import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '../base/app-error.ts'
import { describeDuration } from '../base/duration.ts'
import { printable } from '../definitions/printable.ts'
import type { IncidentEvent } from '../protocol/incident.ts'
import { getIncident, INCIDENT_COMMANDS } from '../protocol/public-api.ts'
import type { Swept, SweptCheck, SweptQuery } from '../protocol/sweep.ts'
import { readingWords } from '../protocol/table-words.ts'
import { coordinatorClient } from './coordinator-client.ts'
import { asJson, type IncidentOptions } from './incident-options.ts'
import { tableLines } from './table-lines.ts'

/** Longer than any run that a sweep waits for. */
const SWEEP_MS_MAX = 90_000
const LOOK_EVERY_MS = 500

/** Begins a sweep and waits until what it found is on the timeline. */
export async function sweepIncident(
  { coordinator, json }: IncidentOptions,
  incidentId: string,
  by: string,
): Promise<string> {
  const client = coordinatorClient(coordinator)
  const params = { incidentId }
  const { incident } = await client.ask(INCIDENT_COMMANDS.sweep, {
    params,
    body: { by, commandId: randomUUID() },
  })
  // By attempts, not by the clock: each is bounded by itself.
  for (let looks = 0; looks < SWEEP_MS_MAX / LOOK_EVERY_MS; looks++) {
    const { events } = await client.ask(getIncident, { params })
    const swept = events.find(
      (event): event is Extract<IncidentEvent, { type: 'swept' }> =>
        event.type === 'swept' && event.sequence > incident.lastSequence,
    )
    if (swept) return json ? asJson(swept.result) : renderSwept(swept.result)
    await wait(LOOK_EVERY_MS)
  }
  throw new AppError('coordinator.unreachable', 'the answers of the sweep did not come in time')
}

function renderSwept({ queries, checks, left }: Swept): string {
  const lines = [
    ...queries.flatMap(queryLines),
    ...checks.flatMap(checkLines),
    ...(left > 0 ? [`${left} more were not asked`] : []),
  ]
  return `${lines.map(printable).join('\n')}\n`
}

function queryLines(query: SweptQuery): string[] {
  const { name, answer, limit, means, source, asks, tookMs, deadlineMs } = query
  const is =
    answer.kind === 'number'
      ? readingWords(answer)
      : `${answer.kind === 'no_data' ? 'no data' : 'unknown'}: ${answer.reason}`
  const mark =
    answer.kind !== 'number' || answer.isBad === undefined ? '·' : answer.isBad ? '✗' : '✓'
  const from = [means, limit, `${source}: ${asks}`].filter((part) => part !== undefined)
  return [
    `${mark} ${name}: ${is}`,
    `    ${from.join('; ')}; in ${describeDuration(tookMs)} of ${describeDuration(deadlineMs)}`,
    ...(answer.kind === 'number' && answer.table
      ? tableLines(answer.table).map((line) => `    ${line}`)
      : []),
  ]
}

function checkLines({ name, regions, deadlineMs }: SweptCheck): string[] {
  const isBad = regions.some((region) => region.kind === 'run' && region.verdict === 'failed')
  const isWell = regions.some((region) => region.kind === 'run' && region.verdict === 'passed')
  return [
    `${isBad ? '✗' : isWell ? '✓' : '·'} ${name}`,
    ...regions.map((region) => {
      if (region.kind === 'unreachable') return `    ${region.regionId}: cannot be reached`
      if (region.kind === 'late')
        return `    ${region.regionId}: no answer within ${describeDuration(deadlineMs)}`
      const why = region.message === undefined ? '' : `: ${region.message}`
      return `    ${region.regionId}: ${region.verdict} after ${describeDuration(region.afterMs)}${why}`
    }),
  ]
}
