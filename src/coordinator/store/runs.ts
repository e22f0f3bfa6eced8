import { failureSignature } from '../../domain/failure/failure-signature.ts'
import { targetPhases } from '../../domain/measurement/target-phases.ts'
import type { RunSummary } from '../../protocol/public-api.ts'
import type { Verdict } from '../../protocol/run.ts'
import { isOfSlot, Run } from '../../protocol/run.ts'
import type { Schema } from './schema.ts'
import { bySlot } from './slot-order.ts'
import type { Session } from './store.ts'

/** Longest error line that a slot shows; the run has all of it. */
const LINE_LENGTH_MAX = 300

/** Most votes read for one check: far more than any rule counts. */
const VOTES_MAX = 500

/**
 * Stores runs that are not there yet, and ends their slots. The first run of a slot stays: neither
 * the same run again nor another run of the same slot changes anything. A run that was commanded ends
 * none.
 *
 * @returns the ids of those that were stored.
 */
export async function storeRuns(
  session: Session,
  runs: Run[],
  receivedAt: number,
): Promise<Set<string>> {
  if (runs.length === 0) return new Set()
  const { db } = session
  const inOrder = runs.toSorted(bySlot)
  const inserted = await db
    .insertInto('runs')
    .values(
      inOrder.map((run) => ({
        run_id: run.runId,
        check_id: run.checkId,
        region_id: run.regionId,
        probe_id: run.probeId,
        slot_at: run.slotAt,
        started_at: run.startedAt,
        received_at: receivedAt,
        duration_ms: run.durationMs,
        verdict: run.verdict,
        body: JSON.stringify(run),
        phases: JSON.stringify(targetPhases(run.phases)),
        is_flagged: run.quality?.flagged === undefined ? 0 : 1,
        signature: failureSignature(run) ?? null,
        command_id: run.command?.commandId ?? null,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning('run_id')
    .execute()
  const stored = new Set(inserted.map((row) => row.run_id))
  const ends = inOrder.filter((run) => stored.has(run.runId) && isOfSlot(run))
  if (ends.length > 0) await endSlots(session, ends)
  return stored
}

async function endSlots({ db }: Session, runs: Run[]): Promise<void> {
  await db
    .insertInto('slots')
    .values(
      runs.map((run) => ({
        check_id: run.checkId,
        region_id: run.regionId,
        slot_at: run.slotAt,
        due_by: run.slotAt,
        end_kind: run.verdict,
        run_id: run.runId,
        duration_ms: run.durationMs,
        error_type: run.error?.type ?? null,
        message: firstLine(run.error?.message),
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['check_id', 'region_id', 'slot_at']).doUpdateSet((e) => ({
        end_kind: e.ref('excluded.end_kind'),
        run_id: e.ref('excluded.run_id'),
        duration_ms: e.ref('excluded.duration_ms'),
        error_type: e.ref('excluded.error_type'),
        message: e.ref('excluded.message'),
      })),
    )
    .execute()
}

/** The first line of a message, for a slot; null when there is none. */
export function firstLine(message: string | undefined): string | null {
  // PostgreSQL cannot store a zero character, and a target may send one.
  return message?.replaceAll('\0', '').split('\n')[0]?.slice(0, LINE_LENGTH_MAX) ?? null
}

export type StoredVote = {
  runId: string
  regionId: string
  verdict: Verdict
  slotAt: number
  startedAt: number
  durationMs: number
  receivedAt: number
  isFlagged: boolean
  isCommanded: boolean
}

/** A check's votes for slots since an instant, newest first. */
export async function recentVotes(
  { db }: Session,
  checkId: string,
  since: number,
  limit: number = VOTES_MAX,
): Promise<StoredVote[]> {
  const rows = await db
    .selectFrom('runs')
    .select(VOTE_COLUMNS)
    .where('check_id', '=', checkId)
    .where('slot_at', '>=', since)
    .orderBy('slot_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map(toVote)
}

/** A check's votes for the slots of a stretch of time, the oldest first. */
export async function votesBetween(
  { db }: Session,
  checkId: string,
  { since, until, limit }: { since: number; until: number; limit: number },
): Promise<StoredVote[]> {
  const rows = await db
    .selectFrom('runs')
    .select(VOTE_COLUMNS)
    .where('check_id', '=', checkId)
    .where('slot_at', '>=', since)
    .where('slot_at', '<', until)
    .orderBy('slot_at')
    .limit(limit)
    .execute()
  return rows.map(toVote)
}

/** When the check's last failing run of a slot since then began; in no order of regions. */
export async function lastFailureOf(
  { db }: Session,
  check: { id: string; regions: readonly string[] },
  since: number,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('runs')
    .select((e) => e.fn.max('started_at').as('last'))
    .where('check_id', '=', check.id)
    .where('region_id', 'in', [...check.regions])
    .where('slot_at', '>=', since)
    .where('verdict', '=', 'failed')
    .executeTakeFirst()
  // PostgreSQL gives a maximum of big integers as text.
  return row?.last === null || row?.last === undefined ? undefined : Number(row.last)
}

const VOTE_COLUMNS = [
  'run_id',
  'region_id',
  'verdict',
  'slot_at',
  'started_at',
  'duration_ms',
  'received_at',
  'is_flagged',
  'command_id',
] as const

type VoteRow = Pick<Schema['runs'], (typeof VOTE_COLUMNS)[number]>

function toVote(row: VoteRow): StoredVote {
  return {
    runId: row.run_id,
    regionId: row.region_id,
    verdict: row.verdict as Verdict,
    slotAt: row.slot_at,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    receivedAt: row.received_at,
    isFlagged: row.is_flagged === 1,
    isCommanded: row.command_id !== null,
  }
}

/** How many runs of these checks' slots said something about their targets since then, and how many failed. */
export async function countConclusive(
  { db }: Session,
  checkIds: readonly string[],
  since: number,
  until?: number,
): Promise<{ failed: number; runs: number }> {
  if (checkIds.length === 0) return { failed: 0, runs: 0 }
  const rows = await db
    .selectFrom('runs')
    .select((e) => ['verdict', e.fn.countAll<number | string>().as('count')])
    .where('check_id', 'in', [...checkIds])
    .where('slot_at', '>=', since)
    .$if(until !== undefined, (query) => query.where('slot_at', '<=', until ?? since))
    .where('verdict', 'in', ['passed', 'degraded', 'failed'])
    .where('command_id', 'is', null)
    .groupBy('verdict')
    .execute()
  const counts = rows.map(({ verdict, count }) => ({ verdict, count: Number(count) }))
  return {
    failed: counts.find(({ verdict }) => verdict === 'failed')?.count ?? 0,
    runs: counts.reduce((sum, { count }) => sum + count, 0),
  }
}

export async function findRun(
  { db }: Session,
  runId: string,
): Promise<{ run: Run; receivedAt: number } | undefined> {
  const row = await db
    .selectFrom('runs')
    .select(['body', 'received_at'])
    .where('run_id', '=', runId)
    .executeTakeFirst()
  return row && { run: Run.parse(JSON.parse(row.body)), receivedAt: row.received_at }
}

/** Those of the runs that are stored, in the order in which they are named. */
export async function findRuns({ db }: Session, runIds: string[]): Promise<Run[]> {
  if (runIds.length === 0) return []
  const rows = await db.selectFrom('runs').select('body').where('run_id', 'in', runIds).execute()
  return rows
    .map((row) => Run.parse(JSON.parse(row.body)))
    .toSorted((a, b) => runIds.indexOf(a.runId) - runIds.indexOf(b.runId))
}

export type RunQuery = {
  check?: string | undefined
  region?: string | undefined
  verdict?: Verdict | undefined
  /** Place after which the page starts, from the page before. */
  after?: { slotAt: number; runId: string } | undefined
  limit: number
}

/** Runs, newest slot first. */
export async function listRuns({ db }: Session, query: RunQuery): Promise<RunSummary[]> {
  let select = db
    .selectFrom('runs')
    .select('body')
    .orderBy('slot_at', 'desc')
    .orderBy('run_id', 'desc')
  if (query.check !== undefined) select = select.where('check_id', '=', query.check)
  if (query.region !== undefined) select = select.where('region_id', '=', query.region)
  if (query.verdict !== undefined) select = select.where('verdict', '=', query.verdict)
  const { after } = query
  if (after)
    select = select.where((e) =>
      e.or([
        e('slot_at', '<', after.slotAt),
        e.and([e('slot_at', '=', after.slotAt), e('run_id', '<', after.runId)]),
      ]),
    )
  const rows = await select.limit(query.limit).execute()
  return rows.map((row) => Run.parse(JSON.parse(row.body)))
}

/** Instant at which the newest run was received; undefined before the first. */
export async function newestRunAt({ db }: Session): Promise<number | undefined> {
  const row = await db
    .selectFrom('runs')
    .select('received_at')
    .orderBy('slot_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.received_at
}
