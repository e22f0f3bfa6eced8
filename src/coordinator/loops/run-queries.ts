import { canonicalHash } from '../../definitions/canonical-hash.ts'
import { isDue } from '../../domain/signal/is-due.ts'
import { judgeReading, type Reading } from '../../domain/signal/judge-reading.ts'
import {
  baselineInstants,
  baselineWords,
  isBaselineDue,
  limitsNow,
  type QueryBaseline,
  queryBaseline,
} from '../../domain/signal/query-baseline.ts'
import { layerOfQuery, type NumberAlert, type Query } from '../../protocol/query.ts'
import { defineLoop } from '../../runtime/loop.ts'
import { ANSWER_MS_MAX, askQuery } from '../ask-query.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { announce, lockConcerned } from '../incident-desk.ts'
import { type SignalOrigin, takeSignals } from '../signal-desk.ts'
import { makeSignal } from '../signals/signal-reader.ts'
import { openIncidentIds } from '../store/incidents.ts'
import { claimQuery, type QueryState, queryStates, saveQueryState } from '../store/queries.ts'
import { findSignal } from '../store/signals.ts'

/** Queries under way at once: they are other people's systems. */
const AT_ONCE_MAX = 10

/** The one signal of a query. */
const NUMBER = 'number'

/** Asks our own queries for their numbers, and makes signals of those that are bad for long enough. */
export const runQueries = defineLoop<CoordinatorParts>({
  name: 'run-queries',
  everyMs: 1_000,
  deadlineMs: 60_000,
  async run(parts, signal) {
    const { store, fleet, clock } = parts
    const { queries = [] } = fleet
    if (queries.length === 0) return
    const now = clock.now()
    const states = await queryStates(store)
    const open = await openIncidentIds(store)
    const due = queries
      // Whom an incident affects is nobody's question while there is none.
      .filter(
        ({ alert, impact, serviceId }) =>
          alert !== undefined || (impact !== undefined && open.has(serviceId)),
      )
      .filter(({ id, everyMs }) => isDue(states.get(id)?.dueAt, everyMs, now))
      // Those that wait longest go first, so that slow ones keep nobody out.
      .toSorted((a, b) => (states.get(a.id)?.dueAt ?? 0) - (states.get(b.id)?.dueAt ?? 0))
      .slice(0, AT_ONCE_MAX)
    await Promise.all(
      due.map(async (query) => {
        const known = states.get(query.id)
        const claim = { queryId: query.id, dueAt: known?.dueAt, nextAt: now + query.everyMs }
        if (!(await claimQuery(store, claim))) return
        await lookAt(parts, query, { before: known?.state, now, signal })
        // Their cards show the number.
        if (query.impact !== undefined)
          parts.feed.publish(
            (open.get(query.serviceId) ?? []).map((incidentId) => ({
              type: 'incident',
              incidentId,
            })),
          )
      }),
    )
  },
})

async function lookAt(
  parts: CoordinatorParts,
  query: Query,
  { before, now, signal }: { before: QueryState | undefined; now: number; signal: AbortSignal },
): Promise<void> {
  const { store, metrics, logger } = parts
  const definition = canonicalHash(query)
  const state = before?.definition === definition ? before : { definition }
  const reading = await askQuery(parts, query, signal)
  metrics.queryAsked(query.id, outcomeOf(reading))
  if (
    reading.kind !== 'number' &&
    (!state.last || outcomeOf(state.last.reading) !== outcomeOf(reading))
  )
    logger.warn(
      { query: query.id, reason: reading.reason },
      'a query gives no number; what was known stays',
    )
  const baseline = await usual(parts, query, { known: state.baseline, now, signal })
  // Stopped: what was not answered for that is not known to be unknown. Whoever goes on asks again.
  if (signal.aborted) return
  const alert = query.alert && limitsNow(query.alert, baseline)
  if (query.alert && !alert && state.baseline?.askedAt !== baseline?.askedAt)
    logger.warn({ query: query.id, reason: baselineWords(baseline) }, 'a query is not judged')
  const turning = alert
    ? await judge(parts, query, alert, { reading, at: now, turning: state.turning, baseline })
    : undefined
  await saveQueryState(store, query.id, {
    definition,
    ...(turning && { turning }),
    ...(baseline && { baseline }),
    last: { at: now, reading },
  })
}

/** What is usual at this hour, where the query is compared with it: asked for once an hour. */
async function usual(
  parts: CoordinatorParts,
  query: Query,
  { known, now, signal }: { known: QueryBaseline | undefined; now: number; signal: AbortSignal },
): Promise<QueryBaseline | undefined> {
  if (query.alert?.timesBaseline === undefined) return undefined
  if (!isBaselineDue(known, now)) return known
  const readings = await Promise.all(
    baselineInstants(now).map((at) => askQuery(parts, query, signal, at)),
  )
  return queryBaseline(readings, now, known)
}

/** That what it is made of was not collected is another thing than that it could not be asked. */
const outcomeOf = (reading: Reading) =>
  reading.kind === 'unknown' && reading.isTelemetry === true ? 'telemetry' : reading.kind

/** Gives the hold-down that is under way now. */
async function judge(
  parts: CoordinatorParts,
  query: Query,
  alert: NumberAlert,
  {
    reading,
    at,
    turning,
    baseline,
  }: {
    reading: Reading
    at: number
    turning: QueryState['turning']
    baseline: QueryBaseline | undefined
  },
): Promise<QueryState['turning']> {
  const { store } = parts
  const { serviceId, everyMs } = query
  const origin: SignalOrigin = {
    id: `query-${query.id}`,
    name: query.kind,
    layer: layerOfQuery(query),
    saysWhyItIsOver: true,
  }
  const { incidentIds, next } = await store.transaction(async (tx) => {
    await lockConcerned(tx, [serviceId])
    const known = await findSignal(tx, origin.id, NUMBER)
    const verdict = judgeReading(reading, alert, {
      held: turning ? { turning } : {},
      isFiring: known?.state === 'firing',
      // One reading may be lost, not two.
      freshMs: 2 * everyMs + ANSWER_MS_MAX[query.kind],
      now: at,
    })
    if (verdict.kind === 'unchanged') return { incidentIds: [], next: verdict.held.turning }
    const isFiring = verdict.kind === 'firing'
    const signal = makeSignal({
      key: NUMBER,
      isFiring,
      startedAt: verdict.since ?? known?.startedAt,
      toldAt: at,
      receivedAt: at,
      subject: query.name,
      reason: baseline ? `${verdict.reason}; ${baselineWords(baseline)}` : verdict.reason,
      serviceId,
      severity: query.severity,
    })
    return {
      incidentIds: await takeSignals(tx, parts, origin, [signal], at),
      next: verdict.held.turning,
    }
  })
  announce(parts, incidentIds)
  return next
}
