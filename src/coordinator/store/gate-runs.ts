import { Run } from '../../protocol/run.ts'
import type { Session } from './store.ts'

/** How many slots of these checks have ended since then, with a run and without. */
export async function countDueSlots(
  { db }: Session,
  checkIds: readonly string[],
  since: number,
): Promise<{ ended: number; missed: number }> {
  if (checkIds.length === 0) return { ended: 0, missed: 0 }
  const rows = await db
    .selectFrom('slots')
    .select(['end_kind', (e) => e.fn.countAll<number | string>().as('count')])
    .where('check_id', 'in', [...checkIds])
    .where('slot_at', '>=', since)
    .where('end_kind', 'is not', null)
    .where('end_kind', '!=', 'skipped')
    .groupBy('end_kind')
    .execute()
  const counts = { ended: 0, missed: 0 }
  for (const { end_kind, count } of rows)
    counts[end_kind === 'missed' ? 'missed' : 'ended'] += Number(count)
  return counts
}

/** Runs looked at for the last one by hand. */
const COMMANDED_MAX = 200

/** What came of the last command by hand to run one of these checks, in how many regions. */
export async function lastManualRun(
  { db }: Session,
  checkIds: readonly string[],
  since: number,
): Promise<{ checkId: string; passed: number; failed: number } | undefined> {
  if (checkIds.length === 0) return undefined
  const rows = await db
    .selectFrom('runs')
    .select('body')
    .where('check_id', 'in', [...checkIds])
    .where('slot_at', '>=', since)
    .where('command_id', 'is not', null)
    .where('verdict', '!=', 'probe_fault')
    .orderBy('slot_at', 'desc')
    .limit(COMMANDED_MAX)
    .execute()
  const manual = rows
    .map((row) => Run.parse(JSON.parse(row.body)))
    .filter(({ command }) => command?.reason === 'manual')
  const [last] = manual
  if (!last) return undefined
  const together = manual.filter(({ command }) => command?.commandId === last.command?.commandId)
  const failed = together.filter(({ verdict }) => verdict === 'failed').length
  return { checkId: last.checkId, passed: together.length - failed, failed }
}

/** Most runs that one comparison reads. */
const COMPARED_MAX = 5_000

/** The conclusive runs of these checks that began in a stretch of time, also those on command. */
export async function comparedRuns(
  { db }: Session,
  checkIds: readonly string[],
  { since, until }: { since: number; until: number },
): Promise<{ startedAt: number; isFailed: boolean; durationMs: number }[]> {
  if (checkIds.length === 0) return []
  const rows = await db
    .selectFrom('runs')
    .select(['started_at', 'verdict', 'duration_ms'])
    .where('check_id', 'in', [...checkIds])
    .where('slot_at', '>=', since)
    .where('slot_at', '<', until)
    .where('verdict', '!=', 'probe_fault')
    .orderBy('slot_at')
    .limit(COMPARED_MAX)
    .execute()
  return rows.map((row) => ({
    startedAt: row.started_at,
    isFailed: row.verdict === 'failed',
    durationMs: row.duration_ms,
  }))
}
