import { expect, test } from 'vitest'
import { judgeReports } from '../../../../src/domain/signal/judge-reports.ts'

const MINUTE = 60_000
const NOW = 1_000 * MINUTE
const rule = { count: 3, withinMs: 15 * MINUTE }

/** Reports so many minutes ago. */
const reported = (...minutesAgo: number[]) =>
  minutesAgo.map((ago) => ({ at: NOW - ago * MINUTE, text: `the cart of ${ago} is empty` }))

test.each([
  { why: 'nobody reports', ago: [], isFiring: false, kind: 'unchanged' },
  { why: 'one short of the count', ago: [1, 2], isFiring: false, kind: 'unchanged' },
  { why: 'the count', ago: [1, 2, 14.9], isFiring: false, kind: 'firing' },
  {
    why: 'one of them is as old as the window',
    ago: [1, 2, 15],
    isFiring: false,
    kind: 'unchanged',
  },
  { why: 'more while it fires', ago: [1, 1, 1, 1], isFiring: true, kind: 'firing' },
  { why: 'fewer while it fires', ago: [14], isFiring: true, kind: 'unchanged' },
  { why: 'none for the whole window while it fires', ago: [15, 20], isFiring: true, kind: 'over' },
  { why: 'none for the whole window', ago: [15, 20], isFiring: false, kind: 'unchanged' },
])('$why: $kind', ({ ago, isFiring, kind }) => {
  expect(judgeReports(reported(...ago), rule, isFiring, NOW).kind).toBe(kind)
})

test('it begins with the first of those that count, and quotes the last, whatever their order', () => {
  expect(judgeReports(reported(9, 3, 12, 5, 40), rule, false, NOW)).toEqual({
    kind: 'firing',
    since: NOW - 12 * MINUTE,
    subject: '4 reports of users within 15 min',
    reason:
      '4 reports of users within 15 min: “the cart of 3 is empty”, “the cart of 5 is empty”, “the cart of 9 is empty”',
  })
})

test('one is enough where the rule says so; long texts are cut, lines joined', () => {
  const text = `first\n\tsecond ${'x'.repeat(1_000)}`
  const verdict = judgeReports([{ at: NOW, text }], { ...rule, count: 1 }, false, NOW)
  expect(verdict).toMatchObject({ subject: '1 report of users within 15 min' })
  expect(verdict.kind === 'firing' && verdict.reason.length).toBeLessThan(250)
  expect(verdict.kind === 'firing' && verdict.reason).toContain('“first second xxx')
})

test('says why it is over', () => {
  expect(judgeReports([], rule, true, NOW)).toEqual({
    kind: 'over',
    reason: 'nobody reported it for 15 min',
  })
})
