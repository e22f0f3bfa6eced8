import type { ReadingTable } from '../protocol/reading-table.ts'
import { tableCountWords, tableNumberWords } from '../protocol/table-words.ts'

/** The rows of a table, a line each, the worst first: `✗ b  38 %  380 of 1,000`. */
export function tableLines(table: ReadingTable): string[] {
  const { rows, more, silent } = table
  const labels = rows.map(({ label }) => label || '(none)')
  const width = Math.max(...labels.map((label) => label.length))
  return [
    ...rows.map((row, index) => {
      const mark = row.isBad === undefined ? '·' : row.isBad ? '✗' : '✓'
      const counts = tableCountWords(row)
      const words = tableNumberWords(row.number, table)
      return `${mark} ${(labels[index] ?? '').padEnd(width)}  ${words}${counts === undefined ? '' : `  ${counts}`}`
    }),
    ...(more > 0 ? [`and ${more} more, none of them worse`] : []),
    ...(silent > 0 ? [`${silent} with too little to say anything`] : []),
  ]
}
