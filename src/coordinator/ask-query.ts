import { messageOf } from '../base/app-error.ts'
import type { Reading } from '../domain/signal/judge-reading.ts'
import type { Query, QueryKind } from '../protocol/query.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import type { QueryReader } from './queries/query-reader.ts'
import { queryReaders } from './queries/registry.ts'
import { addScanned, scannedOn } from './store/queries.ts'

/** A system that takes longer is not waited for, for the sake of one number. */
export const ANSWER_MS_MAX: { readonly [K in QueryKind]: number } = {
  prometheus: 10_000,
  loki: 10_000,
  elasticsearch: 10_000,
  // A query there is a job that is waited for.
  cloudwatch: 20_000,
}

const DAY_MS = 86_400_000

/**
 * Asks a query for its number, within its deadline and its budget. Whatever goes wrong is unknown.
 *
 * @param at the instant that it is about; now when absent.
 */
export async function askQuery(
  parts: CoordinatorParts,
  query: Query,
  signal: AbortSignal,
  at?: number,
): Promise<Reading> {
  const { http, secret, store, clock, metrics } = parts
  const day = Math.floor(clock.now() / DAY_MS)
  let bytes = 0
  try {
    const refused = await overBudget(parts, query, day)
    if (refused) return refused
    const shown = query.secret === undefined ? undefined : secret(query.secret)
    if (query.secret !== undefined && !shown)
      return { kind: 'unknown', reason: `${query.secret} is not set` }
    const read = queryReaders[query.kind] as QueryReader<QueryKind>
    return await read(query, {
      http,
      secret: shown,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX[query.kind])]),
      now: () => clock.now(),
      ...(at !== undefined && { at }),
      scanned: (count) => {
        bytes += count
      },
    })
  } catch (error) {
    // Not reached, too slow, too large, of another form: nothing is known of the number.
    return { kind: 'unknown', reason: messageOf(error) }
  } finally {
    if (bytes > 0) {
      metrics.queryScanned(query.id, bytes)
      await addScanned(store, { queryId: query.id, day, bytes })
    }
  }
}

async function overBudget(
  { store }: CoordinatorParts,
  { id, scanBytesMax }: Query,
  day: number,
): Promise<Reading | undefined> {
  if (scanBytesMax === undefined) return undefined
  const scanned = await scannedOn(store, id, day)
  if (scanned < scanBytesMax) return undefined
  const gib = (count: number) => `${(count / 1024 ** 3).toFixed(1)} GB`
  return {
    kind: 'unknown',
    reason: `it has scanned ${gib(scanned)} today; scanMax allows ${gib(scanBytesMax)}`,
  }
}
