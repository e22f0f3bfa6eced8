import { expect, test } from 'vitest'
import { judgeReading } from '../../../../src/domain/signal/judge-reading.ts'
import {
  segmentWords,
  type TableRow,
  tableReading,
} from '../../../../src/domain/signal/reading-table.ts'
import type { ReadingTable } from '../../../../src/protocol/reading-table.ts'

/** Requests of a zone, and how many of them fail. */
const zone = (label: string, part: number, whole: number): TableRow => ({
  ...{ label, part, whole },
  number: part / whole,
})
const reading = (rows: TableRow[], more: { samplesMin?: number } = {}) =>
  tableReading(rows, { by: 'zone', isShare: true, rule: { above: 0.01 }, ...more })
const tableOf = (rows: TableRow[], rule: { above?: number; below?: number } = { above: 0.01 }) => {
  const found = tableReading(rows, { by: 'zone', isShare: true, rule })
  if (found.kind !== 'number' || !found.table) throw new Error('there is a table')
  return found.table
}

test('the worst row comes first, and is the number that is judged', () => {
  const found = reading([zone('a', 1, 1_000), zone('b', 380, 1_000), zone('c', 2, 1_000)])
  expect(found).toMatchObject({
    ...{ kind: 'number', value: 0.38 },
    table: {
      ...{ by: 'zone', more: 0, bad: 1, silent: 0 },
      rows: [
        { label: 'b', number: 0.38, part: 380, whole: 1_000, isBad: true },
        { label: 'c', number: 0.002, isBad: false },
        { label: 'a', number: 0.001, isBad: false },
      ],
    },
  })
  const verdict = judgeReading(
    found,
    { above: 0.01, forMs: 0 },
    { held: {}, isFiring: false, freshMs: 1, now: 0 },
  )
  expect(verdict).toMatchObject({ kind: 'firing' })
  expect(verdict.reason).toContain('zone b: 0.38, above 0.01 is bad')
})

test('what is too low is worst where a lower limit is all there is', () => {
  const rows = [zone('a', 99, 100), zone('b', 20, 100)]
  expect(tableOf(rows, { below: 0.9 }).rows[0]).toMatchObject({ label: 'b', isBad: true })
  // With both limits what is bad comes first, whichever it is.
  expect(tableOf(rows, { above: 1.5, below: 0.9 }).rows[0]).toMatchObject({ label: 'b' })
})

test('rows are bounded, and the rest is counted', () => {
  const zones = Array.from({ length: 25 }, (_, index) => zone(`z${index}`, index, 1_000))
  const { rows, more, bad } = tableOf(zones)
  expect(rows).toHaveLength(10)
  expect(rows[0]).toMatchObject({ label: 'z24' })
  expect({ more, bad }).toEqual({ more: 15, bad: 14 })
})

test.each([
  { why: 'one of too few requests', rows: [zone('a', 1, 2), zone('b', 1, 1_000)], silent: 1 },
  { why: 'one without requests', rows: [zone('a', 0, 0), zone('b', 1, 1_000)], silent: 1 },
])('$why says nothing, and is counted', ({ rows, silent }) => {
  expect(reading(rows, { samplesMin: 100 })).toMatchObject({
    ...{ kind: 'number', value: 0.001 },
    table: { silent, rows: [{ label: 'b' }] },
  })
})

test.each([
  { rows: [], reason: 'the result is empty' },
  { rows: [zone('a', 1, 2)], reason: 'of no zone there is enough to say anything' },
])('without a row that says something there is no data: $reason', ({ rows, reason }) => {
  expect(reading(rows, { samplesMin: 10 })).toEqual({ kind: 'no_data', reason })
})

const a = zone('a', 1, 1_000)
const c = zone('c', 2, 1_000)
test.each([
  {
    why: 'one is bad',
    rows: [a, zone('b', 380, 1_000), c],
    words: 'zone b only: 38 % (380 of 1,000), the 2 others at most 0.2 %',
  },
  {
    why: 'two are bad',
    rows: [a, zone('b', 380, 1_000), zone('d', 120, 1_000)],
    words: 'zone b, d only: b 38 % (380 of 1,000), d 12 % (120 of 1,000), the other at most 0.1 %',
  },
  {
    why: 'the shares alone are known',
    rows: [
      { label: 'b', number: 0.5 },
      { label: 'a', number: 0 },
    ],
    words: 'zone b only: 50 %, the other at most 0 %',
  },
  { why: 'all are bad', rows: [zone('a', 20, 1_000), zone('b', 380, 1_000)], words: undefined },
  { why: 'none is bad', rows: [a, c], words: undefined },
  { why: 'there is one zone', rows: [zone('b', 380, 1_000)], words: undefined },
  {
    why: 'the limit lies in the midst of what is alike',
    rows: [zone('a', 9, 1_000), zone('b', 11, 1_000)],
    words: undefined,
  },
  {
    why: 'many are bad',
    rows: [...['b', 'd', 'e', 'f'].map((label) => zone(label, 300, 1_000)), a],
    words: undefined,
  },
])('where $why: $words', ({ rows, words }) => {
  expect(segmentWords(tableOf(rows))).toBe(words)
})

test('without a limit nothing alone is bad', () => {
  const table: ReadingTable = {
    ...{ by: 'zone', more: 0, silent: 0, isShare: false },
    rows: [
      { label: 'b', number: 9 },
      { label: 'a', number: 1 },
    ],
  }
  expect(segmentWords(table)).toBeUndefined()
})

test('of too low a number the others have more', () => {
  const table = tableOf([zone('a', 99, 100), zone('b', 20, 100)], { below: 0.9 })
  expect(segmentWords(table)).toBe('zone b only: 20 % (20 of 100), the other at least 99 %')
})
