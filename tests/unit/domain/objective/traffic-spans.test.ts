import { expect, test } from 'vitest'
import {
  countableUntil,
  lastBurningSpan,
  type TrafficSpan,
  trafficDue,
  trafficSpans,
} from '../../../../src/domain/objective/traffic-spans.ts'
import { at } from '../../../support/builders.ts'

const SPAN = 5 * 60_000
const noon = at('2026-03-13T12:00:00Z')
const spans = (count: number) => count * SPAN

test.each([
  { now: noon + 29_000, why: 'the span has just ended, and may not be complete', until: -1 },
  { now: noon + 30_000, why: 'the span is complete', until: 0 },
  { now: noon + 4 * 60_000, why: 'the next one has not ended', until: 0 },
])('$why', ({ now, until }) => {
  expect(countableUntil(now)).toBe(noon + spans(until))
})

test.each([
  { why: 'nothing is due', countedUntil: noon, gaps: [], due: undefined },
  { why: 'one span is due', countedUntil: noon - SPAN, gaps: [], due: [-1, 0] },
  {
    why: 'a gap of half an hour ago is asked for again beside it',
    countedUntil: noon - SPAN,
    gaps: [noon - spans(6)],
    due: [-6, 0],
  },
  {
    why: 'an old gap stays one',
    countedUntil: noon - SPAN,
    gaps: [noon - spans(13)],
    due: [-1, 0],
  },
  { why: 'a gap alone is asked for with the next span', countedUntil: noon, gaps: [noon - SPAN] },
  { why: 'the past comes in pieces', countedUntil: noon - spans(90), gaps: [], due: [-90, -40] },
])('$why', ({ countedUntil, gaps, due }) => {
  const asked = trafficDue({ countedUntil, gaps, now: noon + 60_000, spansMax: 50 })
  const [from, until] = due ?? []
  expect(asked).toEqual(
    from === undefined || until === undefined
      ? undefined
      : { from: noon + spans(from), until: noon + spans(until) },
  )
})

const one = (given: {
  good?: number | undefined
  total?: number | undefined
  known?: TrafficSpan[]
  hasBegun?: boolean
}) =>
  trafficSpans({
    from: noon,
    until: noon + SPAN,
    good: new Map(given.good === undefined ? [] : [[noon + SPAN, given.good]]),
    total: new Map(given.total === undefined ? [] : [[noon + SPAN, given.total]]),
    known: given.known ?? [],
    hasBegun: given.hasBegun ?? true,
  })
const unknown = { good: 0, bad: 0, unknown: 1 }

test.each([
  { why: 'most are good', good: 998, total: 1_000, is: { good: 998, bad: 2, unknown: 0 } },
  { why: 'all are bad', good: 0, total: 40, is: { good: 0, bad: 40, unknown: 0 } },
  { why: 'nobody came', good: undefined, total: 0, is: { good: 0, bad: 0, unknown: 0 } },
  { why: 'a gap', good: undefined, total: undefined, is: unknown },
  { why: 'all are missing, though none was good', good: 0, total: undefined, is: unknown },
  { why: 'the good ones are missing', good: undefined, total: 500, is: unknown },
  {
    why: 'estimates differ a little',
    good: 100.4,
    total: 100,
    is: { good: 100, bad: 0, unknown: 0 },
  },
  { why: 'more are good than came: the queries are wrong', good: 400, total: 100, is: unknown },
  { why: 'a number below zero', good: 1, total: -5, is: unknown },
  { why: 'fractions add up', good: 99.6, total: 100.4, is: { good: 99, bad: 1, unknown: 0 } },
])('$why', ({ good, total, is }) => {
  expect(one({ good, total })).toEqual([{ ...is, bucketAt: noon }])
})

test('before the first number that there ever was nothing is unknown', () => {
  expect(one({ hasBegun: false })).toEqual([])
  const first = trafficSpans({
    ...{ from: noon, until: noon + spans(4), known: [], hasBegun: false },
    good: new Map([[noon + spans(2), 9]]),
    total: new Map([[noon + spans(2), 10]]),
  })
  expect(first).toEqual([
    { good: 9, bad: 1, unknown: 0, bucketAt: noon + SPAN },
    { ...unknown, bucketAt: noon + spans(2) },
    { ...unknown, bucketAt: noon + spans(3) },
  ])
})

test.each([
  {
    why: 'what was counted stays, though it is forgotten there',
    before: { good: 5, bad: 1, unknown: 0 },
  },
  { why: 'a gap stays one', before: unknown },
])('$why', ({ before }) => {
  expect(one({ known: [{ ...before, bucketAt: noon }] })).toEqual([{ ...before, bucketAt: noon }])
})

test('a gap that was filled in since is counted', () => {
  const known = [{ ...unknown, bucketAt: noon }]
  expect(one({ good: 3, total: 4, known })).toEqual([
    { good: 3, bad: 1, unknown: 0, bucketAt: noon },
  ])
})

test('the last span that burns is the last with more bad than the target allows', () => {
  const list = [
    { good: 90, bad: 10, unknown: 0, bucketAt: 1 },
    { good: 9_999, bad: 1, unknown: 0, bucketAt: 2 },
    { ...unknown, bucketAt: 3 },
  ]
  expect(lastBurningSpan(list, { target: 0.999 })).toBe(1)
  expect(lastBurningSpan(list.slice(1), { target: 0.999 })).toBeUndefined()
})
