import { randomUUID } from 'node:crypto'
import { AppError } from '../base/app-error.ts'
import { EVENTS_MAX, type Order, sign } from '../domain/incident/commands/order.ts'
import { planSweep, type SweepPlan, sweep, sweptCheck } from '../domain/incident/sweep.ts'
import { isBadNumber, limitWords, type Reading } from '../domain/signal/judge-reading.ts'
import { limitsNow } from '../domain/signal/query-baseline.ts'
import type { CommandedIncident } from '../protocol/public-api.ts'
import type { Query } from '../protocol/query.ts'
import type { SweptCheck, SweptNumber, SweptQuery } from '../protocol/sweep.ts'
import { ANSWER_MS_MAX, askQuery } from './ask-query.ts'
import { askRegions } from './ask-regions.ts'
import { lead } from './command-desk.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { announce, save } from './incident-desk.ts'
import { findIncident } from './store/incidents.ts'
import { queryStates } from './store/queries.ts'
import { lockService } from './store/store.ts'
import {
  addSweep,
  endSweep,
  openSweeps,
  runsOfCommand,
  type Sweep,
  saveSweep,
} from './store/sweeps.ts'

/** Where sweeps begin, are carried on and end; the loop that carries them on is `run-sweeps`. */

/** Writes down what is to be asked, and tells the probes. Queries are asked by the loop. */
export async function beginSweep(
  parts: CoordinatorParts,
  incidentId: string,
  order: Order,
): Promise<CommandedIncident> {
  let begun: SweepPlan | undefined
  const done = await lead(
    parts,
    incidentId,
    (incident) => {
      const plan = planSweep(incident, parts.fleet, {
        isListening: (region) => parts.commands.isListening(region),
        newId: randomUUID,
      })
      const decision = sweep(incident, order, plan)
      begun = decision.kind === 'accepted' && decision.events.length > 0 ? plan : undefined
      return decision
    },
    async (tx) => {
      if (!begun) return
      if ((await openSweeps(tx, incidentId)).length > 0)
        throw new AppError('incident.no_change', `a sweep of ${incidentId} is under way`)
      await addSweep(tx, {
        id: randomUUID(),
        incidentId,
        by: order.by,
        begunAt: order.now,
        queryIds: begun.queries.map(({ id }) => id),
        answered: [],
        checks: begun.checks,
        left: begun.left,
      })
    },
  )
  for (const { checkId, asked, commandId } of begun?.checks ?? [])
    askRegions(parts, { id: checkId }, asked, { commandId, reason: 'manual' })
  parts.wake.runSweeps()
  return done
}

/** Asks what was not asked, and pins everything to the timeline once all have answered or are late. */
export async function continueSweep(
  parts: CoordinatorParts,
  sweep: Sweep,
  signal: AbortSignal,
): Promise<void> {
  const { store, fleet } = parts
  const { id, queryIds, answered } = sweep
  const unasked = (fleet.queries ?? []).filter(
    (query) => queryIds.includes(query.id) && !answered.some(({ queryId }) => queryId === query.id),
  )
  if (unasked.length > 0) {
    const more = await Promise.all(unasked.map((query) => askNow(parts, query, signal)))
    // Stopped: whoever goes on asks again.
    if (signal.aborted) return
    sweep = { ...sweep, answered: [...answered, ...more] }
    await saveSweep(store, sweep)
  }
  const checks = await sweptChecks(parts, sweep)
  if (checks) await pin(parts, { ...sweep, id }, checks)
}

async function sweptChecks(
  { store, clock }: CoordinatorParts,
  { checks, begunAt }: Sweep,
): Promise<SweptCheck[] | undefined> {
  const swept: SweptCheck[] = []
  for (const check of checks) {
    const runs = await runsOfCommand(store, { ...check, since: begunAt })
    const one = sweptCheck(check, runs, { begunAt, now: clock.now() })
    if (!one) return undefined
    swept.push(one)
  }
  return swept
}

async function pin(
  parts: CoordinatorParts,
  { id, incidentId, by, answered, left }: Sweep,
  checks: SweptCheck[],
): Promise<void> {
  const now = parts.clock.now()
  const changed = await parts.store.transaction(async (tx) => {
    const known = await findIncident(tx, incidentId)
    if (known) await lockService(tx, known.serviceId)
    if (!(await endSweep(tx, id, now))) return undefined
    const incident = known && (await findIncident(tx, incidentId))
    if (!incident || incident.lastSequence >= EVENTS_MAX) return undefined
    const result = { queries: answered, checks, left }
    return save(tx, parts, incident, sign(incident, { by, now }, [{ type: 'swept', result }]))
  })
  if (changed !== undefined) announce(parts, [changed])
}

async function askNow(
  parts: CoordinatorParts,
  query: Query,
  signal: AbortSignal,
): Promise<SweptQuery> {
  const { clock } = parts
  const begunAt = clock.monotonic()
  const askedAt = clock.now()
  const reading = await askQuery(parts, query, signal)
  const known = (await queryStates(parts.store)).get(query.id)?.state.baseline
  const alert = query.alert && limitsNow(query.alert, known)
  return {
    queryId: query.id,
    name: query.name,
    source: query.kind,
    asks: wordsOf(query),
    ...(query.means !== undefined && { means: query.means }),
    ...(alert && { limit: limitWords(alert) }),
    deadlineMs: ANSWER_MS_MAX[query.kind],
    askedAt,
    tookMs: Math.max(0, clock.monotonic() - begunAt),
    answer: numberOf(reading, alert),
  }
}

function numberOf(reading: Reading, alert: Query['alert']): SweptNumber {
  if (reading.kind !== 'number') return reading
  const isBad = alert && isBadNumber(reading, alert)
  return { ...reading, ...(isBad !== undefined && { isBad }) }
}

/** What is asked, in the words of the system that is asked. */
function wordsOf(query: Query): string {
  const parts = [
    query.query,
    'pattern' in query && query.pattern !== undefined ? `pattern ${query.pattern}` : undefined,
    'distinct' in query && query.distinct !== undefined ? `distinct ${query.distinct}` : undefined,
    query.ratioOf === undefined ? undefined : `of ${query.ratioOf}`,
  ]
  return parts.filter((part) => part !== undefined).join(' ') || 'everything'
}
