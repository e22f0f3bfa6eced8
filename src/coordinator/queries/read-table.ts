import type { Reading } from '../../domain/signal/judge-reading.ts'
import { tableReading } from '../../domain/signal/reading-table.ts'
import type { Query } from '../../protocol/query.ts'
import { noData, unknown } from './query-reader.ts'

/** More values than these are no table that anybody reads, and a heavy answer. */
export const TABLE_VALUES_MAX = 200

export type Values = { kind: 'values'; values: ReadonlyMap<string, number> }
export type ValuesAnswer = Values | Extract<Reading, { kind: 'no_data' | 'unknown' }>

type Tabled = { by: string; alert?: Query['alert'] | undefined; unit?: Query['unit'] | undefined }

/** A number for each value of a label, as the system gave it. */
export function tableOf(values: ValuesAnswer, { by, alert, unit }: Tabled): Reading {
  if (values.kind !== 'values') return values
  const rows = [...values.values].map(([label, number]) => ({ label, number }))
  return tableReading(rows, { by, isShare: unit === 'share', rule: alert })
}

/**
 * A share for each value of a label. Where there is a whole and nothing of it among the parts, that is a
 * proven zero; where there is no part at all nothing is known, since the words may be wrong.
 */
export function shareTableOf(
  parts: ValuesAnswer,
  whole: ValuesAnswer,
  { by, alert, isZeroProven = false }: Tabled & { isZeroProven?: boolean },
): Reading {
  if (whole.kind !== 'values') return whole
  if (parts.kind === 'unknown' || (parts.kind === 'no_data' && !isZeroProven)) return parts
  const found = parts.kind === 'values' ? parts.values : new Map<string, number>()
  const rows = [...whole.values].map(([label, all]) => {
    const part = found.get(label) ?? 0
    return { label, number: all > 0 ? part / all : Number.NaN, part, whole: all }
  })
  return tableReading(rows, { by, isShare: true, rule: alert, samplesMin: alert?.samplesMin })
}

/** Each value once, and not too many of them. */
export function valuesOf(
  rows: readonly (readonly [label: string, number: number])[],
  by: string,
): ValuesAnswer {
  if (rows.length === 0) return noData('the result is empty')
  if (rows.length > TABLE_VALUES_MAX)
    return unknown(`${by} has ${rows.length} values; at most ${TABLE_VALUES_MAX} are a table`)
  const values = new Map(rows)
  if (values.size < rows.length)
    return unknown(`it gives several series for one ${by}; sum by (${by}) (…) makes one of them`)
  return { kind: 'values', values }
}
