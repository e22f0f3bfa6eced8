import { sql } from 'kysely'
import { Run } from '../../protocol/run.ts'
import type { Session } from './store.ts'

export type FailureQuery = {
  checkId: string
  since: number
  /** Whether it is about the probes instead of the target. */
  ofProbes: boolean
  limit: number
}

/** Runs that failed alike. */
export type FailureGroup = {
  signature: string
  runs: number
  firstSlotAt: number
  lastSlotAt: number
  regionIds: string[]
  /** The latest of them. */
  lastRun: Run
}

/** What a check's runs that did not pass have in common, the latest first. */
export async function failureGroups(
  session: Session,
  query: FailureQuery,
): Promise<FailureGroup[]> {
  const found = await countSignatures(session, query)
  if (found.length === 0) return []
  const signatures = found.map(({ signature }) => signature)
  const [regions, lastRuns] = [
    await regionsOf(session, query, signatures),
    await lastRunsOf(session, query, signatures),
  ]
  return found.flatMap((group) => {
    const lastRun = lastRuns.get(group.signature)
    // Gone meanwhile: history is forgotten while it is read.
    if (!lastRun) return []
    return [{ ...group, regionIds: regions.get(group.signature) ?? [], lastRun }]
  })
}

const runsOf = ({ db }: Session, { checkId, since, ofProbes }: FailureQuery) =>
  db
    .selectFrom('runs')
    .where('check_id', '=', checkId)
    .where('slot_at', '>=', since)
    .where('signature', 'is not', null)
    .where('verdict', ofProbes ? '=' : '!=', 'probe_fault')

async function countSignatures(session: Session, query: FailureQuery) {
  const rows = await runsOf(session, query)
    .select([
      'signature',
      (e) => e.fn.countAll<number | string>().as('runs'),
      (e) => e.fn.min('slot_at').as('first_slot_at'),
      (e) => e.fn.max('slot_at').as('last_slot_at'),
    ])
    .groupBy('signature')
    .orderBy('last_slot_at', 'desc')
    .orderBy('signature')
    .limit(query.limit)
    .execute()
  return rows.map((row) => ({
    signature: row.signature ?? '',
    runs: Number(row.runs),
    firstSlotAt: row.first_slot_at,
    lastSlotAt: row.last_slot_at,
  }))
}

async function regionsOf(session: Session, query: FailureQuery, signatures: string[]) {
  const rows = await runsOf(session, query)
    .select(['signature', 'region_id'])
    .distinct()
    .where('signature', 'in', signatures)
    .orderBy('region_id')
    .execute()
  const regions = new Map<string, string[]>()
  for (const { signature, region_id } of rows) {
    const known = regions.get(signature ?? '')
    if (known) known.push(region_id)
    else regions.set(signature ?? '', [region_id])
  }
  return regions
}

async function lastRunsOf(session: Session, query: FailureQuery, signatures: string[]) {
  const numbered = runsOf(session, query)
    .select(['run_id', 'signature'])
    .select(
      sql<number>`row_number() over (partition by signature order by slot_at desc, run_id)`.as(
        'place',
      ),
    )
    .where('signature', 'in', signatures)
    .as('numbered')
  const rows = await session.db
    .selectFrom(numbered)
    .innerJoin('runs', 'runs.run_id', 'numbered.run_id')
    .select(['numbered.signature', 'runs.body'])
    .where('numbered.place', '=', 1)
    .execute()
  return new Map(rows.map((row) => [row.signature ?? '', Run.parse(JSON.parse(row.body))]))
}
