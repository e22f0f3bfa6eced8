import type { Reading } from '../../domain/signal/judge-reading.ts'
import type { QueryKind, QueryOf } from '../../protocol/query.ts'
import type { HttpClient } from '../../runtime/http-client.ts'

export type QueryContext = {
  http: HttpClient
  /** What the query's secret holds; undefined when it names none. */
  secret: string | undefined
  /** Brings the deadline. */
  signal: AbortSignal
  /** The wall clock, for those that want to be told the time. */
  now(): number
  /** The instant that the number is about; now when absent. */
  at?: number
  /** Takes note of how much was scanned where that costs money. */
  scanned(bytes: number): void
}

/** Asks one kind of system for a number. May throw: what is thrown is unknown. */
export type QueryReader<K extends QueryKind> = (
  query: QueryOf<K>,
  context: QueryContext,
) => Promise<Reading>

export const unknown = (reason: string): Extract<Reading, { kind: 'unknown' }> => ({
  kind: 'unknown',
  reason,
})
export const noData = (reason: string): Extract<Reading, { kind: 'no_data' }> => ({
  kind: 'no_data',
  reason,
})

/** Longest part of an answer that a reason quotes. */
const QUOTED_MAX = 200

/** The beginning of an answer, on one line. */
export const quoted = (body: string): string => {
  const line = body.replaceAll(/\s+/g, ' ').trim()
  return line.length > QUOTED_MAX ? `${line.slice(0, QUOTED_MAX - 1)}…` : line
}

export const bearer = (secret: string | undefined): Record<string, string> =>
  secret === undefined ? {} : { authorization: `Bearer ${secret}` }

/** A share of a whole; of nothing, or of too little, there is none. */
export function shareOf(part: Reading, whole: Reading, samplesMin = 0): Reading {
  if (whole.kind !== 'number') return whole
  if (part.kind !== 'number') return part
  if (whole.value <= 0 || whole.value < samplesMin)
    return noData(`a share of ${whole.value} says nothing`)
  // Of two bounds nothing follows.
  if (whole.atLeast === true) return unknown('the whole is more than was counted')
  return { kind: 'number', value: part.value / whole.value, ...(part.atLeast && { atLeast: true }) }
}
