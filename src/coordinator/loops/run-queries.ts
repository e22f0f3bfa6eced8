import { messageOf } from '../../base/app-error.ts'
import { isDue } from '../../domain/signal/is-due.ts'
import { type Held, judgeReading, type Reading } from '../../domain/signal/judge-reading.ts'
import { layerOfQuery, type Query, type QueryKind } from '../../protocol/query.ts'
import { defineLoop, type Loop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { announce } from '../incident-desk.ts'
import type { QueryReader } from '../queries/query-reader.ts'
import { queryReaders } from '../queries/registry.ts'
import { type SignalOrigin, takeSignals } from '../signal-desk.ts'
import { makeSignal } from '../signals/signal-reader.ts'
import { findSignal } from '../store/signals.ts'
import { lockService } from '../store/store.ts'

/** A system that takes longer is not asked again for the sake of one number. */
const ANSWER_MS_MAX = 10_000
/** Queries under way at once: they are other people's systems. */
const AT_ONCE_MAX = 10

/** The one signal of a query. */
const NUMBER = 'number'

/** What is known between two readings. After a restart a hold-down begins anew. */
type Asked = { dueAt: number; held: Held; last?: Reading['kind'] }

/** Asks our own queries for their numbers, and makes signals of those that are bad for long enough. */
export function runQueries(): Loop<CoordinatorParts> {
  const asked = new Map<string, Asked>()
  return defineLoop<CoordinatorParts>({
    name: 'run-queries',
    everyMs: 1_000,
    deadlineMs: 60_000,
    async run(parts, signal) {
      const now = parts.clock.now()
      const due = (parts.fleet.queries ?? [])
        .filter(({ id, everyMs }) => isDue(asked.get(id)?.dueAt, everyMs, now))
        // Those that wait longest go first, so that slow ones keep nobody out.
        .toSorted((a, b) => (asked.get(a.id)?.dueAt ?? 0) - (asked.get(b.id)?.dueAt ?? 0))
        .slice(0, AT_ONCE_MAX)
      await Promise.all(
        due.map(async (query) => {
          const before = asked.get(query.id) ?? { dueAt: now, held: {} }
          const reading = await ask(parts, query, signal)
          parts.metrics.queryAsked(query.id, reading.kind)
          if (reading.kind !== 'number' && before.last !== reading.kind)
            parts.logger.warn(
              { query: query.id, reason: reading.reason },
              'a query gives no number; what was known stays',
            )
          const held = await judge(parts, query, { reading, at: now }, before.held)
          asked.set(query.id, { dueAt: now + query.everyMs, held, last: reading.kind })
        }),
      )
    },
  })
}

async function ask(
  { http, secret }: CoordinatorParts,
  query: Query,
  signal: AbortSignal,
): Promise<Reading> {
  const shown = query.secret === undefined ? undefined : secret(query.secret)
  if (query.secret !== undefined && !shown)
    return { kind: 'unknown', reason: `${query.secret} is not set` }
  const read = queryReaders[query.kind] as QueryReader<QueryKind>
  try {
    return await read(query, {
      http,
      secret: shown,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    })
  } catch (error) {
    // Not reached, too slow, too large: nothing is known of the number.
    return { kind: 'unknown', reason: messageOf(error) }
  }
}

async function judge(
  parts: CoordinatorParts,
  query: Query,
  { reading, at }: { reading: Reading; at: number },
  held: Held,
): Promise<Held> {
  const { store } = parts
  const { serviceId, alert, everyMs } = query
  const origin: SignalOrigin = {
    id: `query-${query.id}`,
    name: query.kind,
    layer: layerOfQuery(query),
    saysWhyItIsOver: true,
  }
  const { incidentIds, next } = await store.transaction(async (tx) => {
    await lockService(tx, serviceId)
    const known = await findSignal(tx, origin.id, NUMBER)
    const verdict = judgeReading(reading, alert, {
      held,
      isFiring: known?.state === 'firing',
      // One reading may be lost, not two.
      freshMs: 2 * everyMs + ANSWER_MS_MAX,
      now: at,
    })
    if (verdict.kind === 'unchanged') return { incidentIds: [], next: verdict.held }
    const isFiring = verdict.kind === 'firing'
    const signal = makeSignal({
      key: NUMBER,
      isFiring,
      startedAt: verdict.since ?? known?.startedAt,
      toldAt: at,
      receivedAt: at,
      subject: query.name,
      reason: verdict.reason,
      serviceId,
      severity: query.severity,
    })
    return {
      incidentIds: await takeSignals(tx, parts, origin, [signal], at),
      next: verdict.held,
    }
  })
  announce(parts, incidentIds)
  return next
}
