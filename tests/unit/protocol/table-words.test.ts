import { expect, test } from 'vitest'
import type { ReadingTable } from '../../../src/protocol/reading-table.ts'
import { readingWords } from '../../../src/protocol/table-words.ts'

const zones = (isShare: boolean): ReadingTable => ({
  ...{ by: 'zone', isShare, silent: 0, more: 0 },
  rows: [{ label: '', number: 0.38 }],
})

test.each([
  { reading: { value: 1 / 3 }, says: '0.3333' },
  { reading: { value: 23_914, atLeast: true }, says: 'at least 23,910' },
  { reading: { value: 0.000_04 }, says: '0.00004' },
  { reading: { value: 0.38, table: zones(true) }, says: 'zone (none): 38 %' },
  { reading: { value: 0.38, table: zones(false) }, says: 'zone (none): 0.38' },
])('$says', ({ reading, says }) => {
  expect(readingWords(reading)).toBe(says)
})
