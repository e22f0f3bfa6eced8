import { assert } from '../../base/assert.ts'
import { canonicalHash } from '../../definitions/canonical-hash.ts'
import { servicesOf } from '../../domain/incident/triage-card.ts'
import { THROUGHPUT_READINGS_MAX } from '../../domain/incident/verification/judge-throughput.ts'
import { isDue } from '../../domain/signal/is-due.ts'
import type { Query } from '../../protocol/query.ts'
import { defineLoop } from '../../runtime/loop.ts'
import { askQuery } from '../ask-query.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { followedIncidents } from '../store/incidents.ts'
import {
  claimThroughput,
  findThroughput,
  saveThroughput,
  type Throughput,
} from '../store/throughputs.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const WEEK_MS = 7 * 24 * HOUR_MS

/** Services asked at once: they are other people's systems. */
const AT_ONCE_MAX = 5

/** At which minutes of its hour last week is looked at; one alone may have been a strange minute. */
const LAST_WEEK_AT_MS = [10, 30, 50].map((minutes) => minutes * MINUTE_MS)

/**
 * Asks how much of its work a service does while an incident of it is verified, and once an hour what it
 * did at the same hour of last week. Nobody needs to know at other times.
 */
export const watchThroughput = defineLoop<CoordinatorParts>({
  name: 'watch-throughput',
  everyMs: 1_000,
  deadlineMs: 60_000,
  async run(parts, signal) {
    const { store, fleet, clock } = parts
    const declared = fleet.services.filter(({ throughput }) => throughput !== undefined)
    if (declared.length === 0) return
    const now = clock.now()
    const incidents = await followedIncidents(store, now)
    const verified = new Set(
      incidents.filter(({ state }) => state === 'verifying').flatMap(servicesOf),
    )
    const wanted = declared.filter(({ id }) => verified.has(id))
    for (let next = 0; next < wanted.length; next += AT_ONCE_MAX)
      await Promise.all(
        wanted.slice(next, next + AT_ONCE_MAX).map(async ({ id, throughput }) => {
          const query = fleet.queries?.find((one) => one.id === throughput?.queryId)
          assert(query, 'a query that is not there is a problem of the definitions')
          await lookAt(parts, { serviceId: id, query, now }, signal)
        }),
      )
  },
})

async function lookAt(
  parts: CoordinatorParts,
  { serviceId, query, now }: { serviceId: string; query: Query; now: number },
  signal: AbortSignal,
): Promise<void> {
  const { store } = parts
  const known = await findThroughput(store, serviceId)
  if (!isDue(known?.dueAt, query.everyMs, now)) return
  const claim = { serviceId, dueAt: known?.dueAt, nextAt: now + query.everyMs }
  if (!(await claimThroughput(store, claim))) return
  const definition = canonicalHash(query)
  const before = known?.state.definition === definition ? known.state : undefined
  const reading = await askQuery(parts, query, signal)
  parts.metrics.queryAsked(query.id, reading.kind)
  await saveThroughput(store, serviceId, {
    definition,
    readings: [...(before?.readings ?? []), { at: now, reading }].slice(-THROUGHPUT_READINGS_MAX),
    lastWeek: await lastWeekOf(parts, { query, now, before: before?.lastWeek }, signal),
  })
}

/** What lies a week back does not change: it is asked once an hour, and again while it is not known. */
async function lastWeekOf(
  parts: CoordinatorParts,
  { query, now, before }: { query: Query; now: number; before: Throughput['lastWeek'] },
  signal: AbortSignal,
): Promise<Throughput['lastWeek']> {
  const hourAt = now - (now % HOUR_MS)
  const isKnown = before?.hourAt === hourAt && before.readings.some(({ kind }) => kind === 'number')
  if (isKnown) return before
  const readings: NonNullable<Throughput['lastWeek']>['readings'] = []
  for (const minutesMs of LAST_WEEK_AT_MS)
    readings.push(await askQuery(parts, query, signal, hourAt - WEEK_MS + minutesMs))
  return { hourAt, readings }
}
