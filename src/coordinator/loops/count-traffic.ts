import { messageOf } from '../../base/app-error.ts'
import { assert } from '../../base/assert.ts'
import { canonicalHash } from '../../definitions/canonical-hash.ts'
import {
  type CountsByEnd,
  countableUntil,
  spanAt,
  trafficDue,
  trafficSpans,
} from '../../domain/objective/traffic-spans.ts'
import { isDue } from '../../domain/signal/is-due.ts'
import type { Objective } from '../../protocol/objective.ts'
import type { QueryOf } from '../../protocol/query.ts'
import { TRAFFIC_SPAN_MS } from '../../protocol/traffic-span.ts'
import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { type RangeAnswer, readPrometheusRange } from '../queries/prometheus-range.ts'
import { findObjective, forgetSums, saveObjective } from '../store/objectives.ts'
import { lockService } from '../store/store.ts'
import {
  claimTraffic,
  findTraffic,
  hasTrafficBefore,
  replaceTraffic,
  saveTraffic,
  type Traffic,
  trafficBetween,
} from '../store/traffic.ts'

/** How often it is seen whether a span is complete, and asked again after a failure. */
const ASKED_EVERY_MS = 30_000
/** Points of one request: three and a half days, far below the 11,000 that Prometheus gives. */
const SPANS_PER_REQUEST_MAX = 1_000
/** A range reads more than a moment does. */
const RANGE_ANSWER_MS_MAX = 20_000
/** Objectives whose traffic is asked for at once: they are other people's systems. */
const AT_ONCE_MAX = 5

type Counted = { objective: Objective; good: QueryOf<'prometheus'>; total: QueryOf<'prometheus'> }

/**
 * Counts the requests of objectives that traffic counts for, a span of five minutes after the other: at
 * first those of the whole period, then each as it is complete. What cannot be asked stays due.
 */
export const countTraffic = defineLoop<CoordinatorParts>({
  name: 'count-traffic',
  everyMs: 1_000,
  deadlineMs: 120_000,
  async run(parts, signal) {
    const counted = parts.fleet.objectives.flatMap((objective) => countedBy(parts, objective))
    for (let next = 0; next < counted.length; next += AT_ONCE_MAX)
      await Promise.all(
        counted.slice(next, next + AT_ONCE_MAX).map((one) => countOne(parts, one, signal)),
      )
  },
})

function countedBy({ fleet }: CoordinatorParts, objective: Objective): Counted[] {
  const { traffic } = objective
  if (!traffic) return []
  const find = (id: string) => {
    const query = fleet.queries?.find((one) => one.id === id)
    assert(query?.kind === 'prometheus', 'another query is a problem of the definitions')
    return query
  }
  return [{ objective, good: find(traffic.good), total: find(traffic.total) }]
}

async function countOne(
  parts: CoordinatorParts,
  counted: Counted,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock } = parts
  const { objective } = counted
  const now = clock.now()
  // Who watches objectives begins them.
  if (!(await findObjective(store, objective))) return
  const known = await findTraffic(store, objective.id)
  if (!isDue(known?.dueAt, ASKED_EVERY_MS, now)) return
  const claim = { objectiveId: objective.id, dueAt: known?.dueAt, nextAt: now + ASKED_EVERY_MS }
  if (!(await claimTraffic(store, claim))) return
  let more = true
  while (more && !signal.aborted) more = await countNext(parts, counted, { now, signal })
}

/** Asks once, and says whether more is due. */
async function countNext(
  parts: CoordinatorParts,
  counted: Counted,
  { now, signal }: { now: number; signal: AbortSignal },
): Promise<boolean> {
  const { store } = parts
  const { objective, good, total } = counted
  const definition = canonicalHash([good, total].map(({ url, query }) => ({ url, query })))
  const state = (await findTraffic(store, objective.id))?.state
  if (state?.definition !== definition) await beginAnew(parts, objective, { definition, now })
  const row = await findObjective(store, objective)
  if (!row) return false
  const begin = spanAt(now - objective.periodMs)
  const countedUntil = Math.max(begin, row.summedUntil)
  const gaps = (await trafficBetween(store, objective.id, { from: begin, until: countedUntil }))
    .filter(({ unknown }) => unknown > 0)
    .map(({ bucketAt }) => bucketAt)
  const due = trafficDue({ countedUntil, gaps, now, spansMax: SPANS_PER_REQUEST_MAX })
  if (!due) return false

  const answers = []
  for (const query of [good, total]) answers.push(await ask(parts, query, due, signal))
  // Stopped: whoever goes on asks again.
  if (signal.aborted) return false
  const [goodPoints, totalPoints] = answers.flatMap((answer) =>
    answer.kind === 'points' ? [answer.points] : [],
  )
  const refused = answers.find((answer) => answer.kind === 'unknown')
  parts.metrics.trafficAsked(objective, refused ? 'failed' : 'counted')
  if (refused || !goodPoints || !totalPoints) {
    await saveFailure(parts, objective, {
      definition,
      problem: { since: state?.problem?.since ?? now, reason: refused?.reason ?? '' },
    })
    return false
  }
  if (state?.problem) parts.logger.info({ objective: objective.id }, 'its traffic is counted again')
  const isSaved = await save(parts, objective, {
    ...{ due, countedUntil: row.summedUntil, begin, definition },
    ...{ good: goodPoints, total: totalPoints },
  })
  return isSaved && due.until < countableUntil(now)
}

/** What other queries counted says nothing of these. */
async function beginAnew(
  { store }: CoordinatorParts,
  objective: Objective,
  { definition, now }: { definition: string; now: number },
): Promise<void> {
  const begin = spanAt(now - objective.periodMs)
  await store.transaction(async (tx) => {
    await lockService(tx, objective.serviceId)
    const row = await findObjective(tx, objective)
    if (!row) return
    await forgetSums(tx, objective.id, now)
    await saveObjective(tx, objective.id, { ...row, summedUntil: begin })
    await saveTraffic(tx, objective.id, { definition })
  })
}

async function ask(
  { http, secret }: CoordinatorParts,
  query: QueryOf<'prometheus'>,
  { from, until }: { from: number; until: number },
  signal: AbortSignal,
): Promise<RangeAnswer> {
  const says = (reason: string): RangeAnswer => ({
    kind: 'unknown',
    reason: `${query.id}: ${reason}`,
  })
  try {
    const shown = query.secret === undefined ? undefined : secret(query.secret)
    if (query.secret !== undefined && !shown) return says(`${query.secret} is not set`)
    // A number of five minutes is asked for at their end.
    const range = { start: from + TRAFFIC_SPAN_MS, end: until, stepMs: TRAFFIC_SPAN_MS }
    const answer = await readPrometheusRange(query, range, {
      ...{ http, secret: shown },
      signal: AbortSignal.any([signal, AbortSignal.timeout(RANGE_ANSWER_MS_MAX)]),
    })
    return answer.kind === 'unknown' ? says(answer.reason) : answer
  } catch (error) {
    // Not reached, too slow, too large: nothing is known of these spans.
    return says(messageOf(error))
  }
}

async function saveFailure(
  { store, logger }: CoordinatorParts,
  { id }: Objective,
  state: Traffic & { problem: object },
): Promise<void> {
  logger.warn(
    { objective: id, reason: state.problem.reason },
    'traffic cannot be counted; what is missing is unknown, and asked for again',
  )
  await saveTraffic(store, id, state)
}

/** False when somebody else has counted on in the meantime. */
async function save(
  { store }: CoordinatorParts,
  objective: Objective,
  counted: {
    due: { from: number; until: number }
    countedUntil: number
    begin: number
    definition: string
    good: CountsByEnd
    total: CountsByEnd
  },
): Promise<boolean> {
  const { due, countedUntil, begin, definition, good, total } = counted
  const { id, serviceId } = objective
  return store.transaction(async (tx) => {
    await lockService(tx, serviceId)
    const row = await findObjective(tx, objective)
    if (row?.summedUntil !== countedUntil) return false
    const spans = trafficSpans({
      ...{ ...due, good, total },
      known: await trafficBetween(tx, id, due),
      hasBegun: await hasTrafficBefore(tx, id, due.from),
    })
    await replaceTraffic(tx, id, due, spans)
    await forgetSums(tx, id, begin)
    await saveObjective(tx, id, { ...row, summedUntil: due.until })
    await saveTraffic(tx, id, { definition })
    return true
  })
}
