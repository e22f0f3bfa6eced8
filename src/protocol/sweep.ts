import { z } from 'zod'
import { CheckId, Instant, RegionId, RunId } from './ids.ts'
import { ReadingTable } from './reading-table.ts'
import { Verdict } from './run.ts'

/**
 * A sweep of an incident's signals: everything that can be asked about its services is asked now, all
 * at once, and what each said is pinned to the timeline, with where it is from and how long it had.
 */

/** Queries, and checks, of one sweep; of those beyond them only how many there are is told. */
export const SWEPT_MAX = 20
/** What a message of a run is clipped to. */
export const SWEPT_MESSAGE_MAX = 200

export const SweptNumber = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('number'),
    value: z.number(),
    /** It is that much or more. */
    atLeast: z.boolean().optional(),
    /** By the query's own limit, whatever its hold-down; absent where it has none. */
    isBad: z.boolean().optional(),
    /** Of queries by a label: the number is that of the worst row. */
    table: ReadingTable.optional(),
  }),
  /** There is nothing to count in: never zero. */
  z.object({ kind: z.literal('no_data'), reason: z.string() }),
  z.object({
    kind: z.literal('unknown'),
    reason: z.string(),
    /** What it is made of was not collected, as is known. */
    isTelemetry: z.boolean().optional(),
  }),
])
export type SweptNumber = z.infer<typeof SweptNumber>

export const SweptQuery = z.object({
  queryId: z.string(),
  name: z.string(),
  /** What kind of system was asked, and in which words. */
  source: z.string(),
  asks: z.string(),
  /** What the number counts, where the query says. */
  means: z.string().optional(),
  /** Its limits, in words: `above 0.05 is bad`. */
  limit: z.string().optional(),
  deadlineMs: z.number().int().positive(),
  askedAt: Instant,
  tookMs: z.number().nonnegative(),
  answer: SweptNumber,
})
export type SweptQuery = z.infer<typeof SweptQuery>

export const SweptRegion = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('run'),
    regionId: RegionId,
    runId: RunId,
    verdict: Verdict,
    afterMs: z.number().nonnegative(),
    /** Why it is not well, clipped. */
    message: z.string().optional(),
  }),
  /** No probe of it listens. */
  z.object({ kind: z.literal('unreachable'), regionId: RegionId }),
  /** It was told, and no run came within the deadline. */
  z.object({ kind: z.literal('late'), regionId: RegionId }),
])
export type SweptRegion = z.infer<typeof SweptRegion>

export const SweptCheck = z.object({
  checkId: CheckId,
  name: z.string(),
  deadlineMs: z.number().int().positive(),
  regions: z.array(SweptRegion),
})
export type SweptCheck = z.infer<typeof SweptCheck>

export const Swept = z.object({
  queries: z.array(SweptQuery),
  checks: z.array(SweptCheck),
  /** Queries and checks beyond {@link SWEPT_MAX}, which were not asked. */
  left: z.number().int().nonnegative(),
})
export type Swept = z.infer<typeof Swept>
