import { type ReadingTable, TABLE_LABEL_MAX, TABLE_ROWS_MAX } from '../../protocol/reading-table.ts'
import { tableCountWords, tableNumberWords } from '../../protocol/table-words.ts'
import { isBadNumber, type NumberRule, type Reading } from './judge-reading.ts'

export type TableRow = { label: string; number: number; part?: number; whole?: number }

/** Values of a label that are named together; of more it is not said that they alone are bad. */
const NAMED_MAX = 3
/** The others must be better by so much, or the limit lies in the midst of what is alike. */
const BETTER_BY = 2

/**
 * A table as a reading: its number is that of the worst row, so that one bad zone is enough to fire.
 *
 * @param samplesMin of a smaller whole a share says nothing.
 */
export function tableReading(
  rows: readonly TableRow[],
  options: {
    by: string
    isShare: boolean
    rule: Pick<NumberRule, 'above' | 'below'> | undefined
    samplesMin?: number | undefined
  },
): Reading {
  const { by, isShare, rule, samplesMin = 0 } = options
  const telling = rows.filter(
    ({ number, whole }) =>
      Number.isFinite(number) && (whole === undefined || (whole > 0 && whole >= samplesMin)),
  )
  const silent = rows.length - telling.length
  const isLowWorse = rule?.below !== undefined && rule.above === undefined
  const judged = telling
    .toSorted((a, b) => (isLowWorse ? a.number - b.number : b.number - a.number))
    .map((row) => ({
      ...row,
      label: row.label.slice(0, TABLE_LABEL_MAX),
      ...(rule && { isBad: isBadNumber({ kind: 'number', value: row.number }, rule) === true }),
    }))
  // With both limits what is too low is as bad as what is too high, wherever it stands.
  const worstFirst = judged.toSorted((a, b) => Number(b.isBad ?? false) - Number(a.isBad ?? false))
  const [worst] = worstFirst
  if (!worst)
    return {
      kind: 'no_data',
      reason: silent === 0 ? 'the result is empty' : `of no ${by} there is enough to say anything`,
    }
  const table: ReadingTable = {
    ...{ by, isShare, silent },
    rows: worstFirst.slice(0, TABLE_ROWS_MAX),
    more: Math.max(0, worstFirst.length - TABLE_ROWS_MAX),
    ...(rule && { bad: worstFirst.filter((row) => row.isBad).length }),
  }
  return { kind: 'number', value: worst.number, table }
}

/**
 * What of a table alone is bad, in words: `zone b only: 38 % (380 of 1,000), the 2 others at most 0.1 %`.
 * Undefined where everything is bad or nothing, or the others are hardly better.
 */
export function segmentWords(table: ReadingTable): string | undefined {
  const { by, rows, more, bad = 0 } = table
  const good = rows.length + more - bad
  if (bad === 0 || good === 0 || bad > NAMED_MAX) return undefined
  const own = rows.slice(0, bad)
  const next = rows[bad]
  const least = own.at(-1)
  if (!next || !least) return undefined
  const [low, high] = [least.number, next.number].toSorted((a, b) => a - b)
  if ((low ?? 0) * BETTER_BY > (high ?? 0)) return undefined
  const isLowWorse = next.number > least.number
  const named = own.map((row) => {
    const counts = tableCountWords(row)
    const words = tableNumberWords(row.number, table)
    return `${nameOf(row.label)} ${words}${counts === undefined ? '' : ` (${counts})`}`
  })
  const others = `${good === 1 ? 'the other' : `the ${good} others`} at ${isLowWorse ? 'least' : 'most'} ${tableNumberWords(next.number, table)}`
  const who = own.map(({ label }) => nameOf(label)).join(', ')
  const numbers = own.length === 1 ? named[0]?.slice(who.length + 1) : named.join(', ')
  return `${by} ${who} only: ${numbers}, ${others}`
}

const nameOf = (label: string) => (label === '' ? '(none)' : label)
