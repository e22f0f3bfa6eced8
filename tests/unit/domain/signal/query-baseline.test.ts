import { expect, test } from 'vitest'
import type { Reading } from '../../../../src/domain/signal/judge-reading.ts'
import {
  baselineInstants,
  baselineWords,
  isBaselineDue,
  limitsNow,
  queryBaseline,
} from '../../../../src/domain/signal/query-baseline.ts'
import { at } from '../../../support/builders.ts'

const now = at('2026-03-13T12:10:00Z')
const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const number = (value: number): Reading => ({ kind: 'number', value })
const silent: Reading = { kind: 'no_data', reason: 'the result is empty' }

test('the same hour of the four weeks before is looked at, in its middle', () => {
  expect(baselineInstants(now).map((instant) => new Date(instant).toISOString())).toEqual([
    '2026-03-06T12:30:00.000Z',
    '2026-02-27T12:30:00.000Z',
    '2026-02-20T12:30:00.000Z',
    '2026-02-13T12:30:00.000Z',
  ])
})

test.each([
  { why: 'one strange week is harmless', values: [1, 2, 900, 3], usual: 2.5 },
  { why: 'three weeks are known', values: [1, 2, 900], usual: 2 },
  { why: 'two weeks are known', values: [1, 3], usual: 2 },
  { why: 'nothing is usual', values: [0, 0, 0, 0], usual: 0 },
  { why: 'one week alone may have been strange', values: [1], usual: undefined },
  { why: 'nothing is known', values: [], usual: undefined },
])('$why: $usual', ({ values, usual }) => {
  const readings = [...values.map(number), ...Array(4 - values.length).fill(silent)]
  expect(queryBaseline(readings, now)).toEqual({
    ...{ hourAt: noon, askedAt: now },
    ...(usual !== undefined && { value: usual }),
  })
})

test('what was counted up to a limit is not usual', () => {
  const cut: Reading = { kind: 'number', value: 10_000, atLeast: true }
  expect(queryBaseline([cut, cut, cut, number(1)], now).value).toBeUndefined()
})

test.each([
  { why: 'it was never asked for', known: undefined, due: true },
  { why: 'it is of this hour', known: { hourAt: noon, askedAt: noon, value: 1 }, due: false },
  {
    why: 'it is of the hour before',
    known: { hourAt: noon - 60 * MINUTE, askedAt: noon, value: 1 },
    due: true,
  },
  {
    why: 'it could not be learnt just now',
    known: { hourAt: noon, askedAt: noon + MINUTE },
    due: false,
  },
  {
    why: 'it could not be learnt ten minutes ago',
    known: { hourAt: noon, askedAt: noon },
    due: true,
  },
])('$why: due $due', ({ known, due }) => {
  expect(isBaselineDue(known, now)).toBe(due)
})

const unreachable: Reading = { kind: 'unknown', reason: 'it answered 503' }
const before = (hoursAgo: number, heldFrom?: number) => ({
  ...{ hourAt: noon - hoursAgo * 60 * MINUTE, askedAt: noon - hoursAgo * 60 * MINUTE, value: 7 },
  ...(heldFrom !== undefined && { heldFrom }),
})
const elevenOClock = noon - 60 * MINUTE
test.each([
  { why: 'it cannot be asked for: the hour before holds', before: before(1), held: elevenOClock },
  { why: 'it still cannot', before: before(0, elevenOClock), held: elevenOClock },
  { why: 'one week answers, the others do not', answers: [number(1)], held: elevenOClock },
  { why: 'it has not been asked for long', before: before(4), held: undefined },
  { why: 'it was held too long', before: before(0, noon - 240 * MINUTE), held: undefined },
  { why: 'there was nothing in those weeks', answers: Array(4).fill(silent), held: undefined },
])('$why', ({ before: known = before(1), answers = [], held }) => {
  const readings = [...answers, ...Array(4 - answers.length).fill(unreachable)]
  const found = queryBaseline(readings, now, known)
  expect(found).toEqual({
    ...{ hourAt: noon, askedAt: now },
    ...(held !== undefined && { value: 7, heldFrom: held }),
  })
  expect(isBaselineDue(found, now + 9 * MINUTE)).toBe(false)
  expect(isBaselineDue(found, now + 10 * MINUTE)).toBe(true)
})

const usual = (value?: number) => ({
  hourAt: noon,
  askedAt: now,
  ...(value !== undefined && { value }),
})
test.each([
  { why: 'five times what is usual is above the limit', value: 0.01, above: 0.05 },
  { why: 'where nothing is usual the limit holds', value: 0, above: 0.001 },
  { why: 'where little is usual the limit holds', value: 0.000_1, above: 0.001 },
])('$why', ({ value, above }) => {
  const limits = { above: 0.001, timesBaseline: 5, forMs: 1 }
  expect(limitsNow(limits, usual(value))).toEqual({ ...limits, above })
})

test('without what is usual nothing is judged, and without a comparison it is not needed', () => {
  expect(limitsNow({ above: 1, timesBaseline: 5 }, usual())).toBeUndefined()
  expect(limitsNow({ above: 1, timesBaseline: 5 }, undefined)).toBeUndefined()
  expect(limitsNow({ above: 1 }, undefined)).toEqual({ above: 1 })
  expect(baselineWords(usual())).toMatch(/^what is usual is not known: of the last 4 weeks fewer/)
  expect(baselineWords(usual(0.012_34))).toBe('usual at this hour of the week is 0.0123')
  expect(baselineWords({ ...usual(2), heldFrom: elevenOClock })).toBe(
    "usual 1 h before this hour of the week is 2; this hour's could not be asked for, and is asked again after 10 min",
  )
})
