import type { ReadingTable } from './reading-table.ts'

/** Readings and rows of their tables in words. They stand apart from its shape, so that the dashboard loads no validation. */

/** `38 %`, `0.12 %`; of what is no share `7,300`. */
export function tableNumberWords(
  number: number,
  { isShare }: Pick<ReadingTable, 'isShare'>,
): string {
  const shown = isShare ? number * 100 : number
  const words = Number(shown.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 6 })
  return isShare ? `${words} %` : words
}

const DIGITS_MAX = 4

/** The number of a reading: `at least 2,391`, `0.00012`; of a table that of its worst row, `zone b: 38 %`. */
export function readingWords({
  value,
  atLeast,
  table,
}: {
  value: number
  atLeast?: boolean | undefined
  table?: ReadingTable | undefined
}): string {
  const [worst] = table?.rows ?? []
  if (table && worst)
    return `${table.by} ${worst.label || '(none)'}: ${tableNumberWords(value, table)}`
  const words = value.toLocaleString('en', { maximumSignificantDigits: DIGITS_MAX })
  return `${atLeast === true ? 'at least ' : ''}${words}`
}

/** `380 of 1,000`; undefined where only the number is known. */
export function tableCountWords({ part, whole }: ReadingTable['rows'][number]): string | undefined {
  if (part === undefined || whole === undefined) return undefined
  const words = (count: number) =>
    count.toLocaleString('en', { maximumFractionDigits: count < 10 ? 2 : 0 })
  return `${words(part)} of ${words(whole)}`
}
