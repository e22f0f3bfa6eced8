import { expect, test } from 'vitest'
import {
  isTroubled,
  passesEverywhere,
  standingOf,
  watchedRegions,
} from '../../../../src/dashboard/words/region-standing.ts'
import { aBar, anOverview } from '../../../support/dashboard-builders.ts'

test.each([
  { bar: aBar('failed', 'passed'), expected: 'passed', why: 'the newest run speaks' },
  {
    bar: aBar('passed', 'failed', undefined),
    expected: 'failed',
    why: 'what is awaited says nothing',
  },
  {
    bar: aBar('failed', 'probe_fault'),
    expected: 'failed',
    why: 'a fault of the probe says nothing',
  },
  { bar: aBar('passed', 'missed'), expected: 'passed', why: 'nor does a slot that nobody ran' },
  { bar: aBar('passed', 'degraded'), expected: 'degraded', why: 'degraded is a word of its own' },
  { bar: aBar('missed', 'skipped'), expected: 'unknown', why: 'no run about the target, no word' },
  { bar: [], expected: 'unknown', why: 'nothing ran yet' },
])('a region is $expected: $why', ({ bar, expected }) => {
  expect(standingOf(anOverview({ 'eu-west': bar }), 'eu-west')).toBe(expected)
})

test('a region without a fresh vote is unknown, however well its last run went', () => {
  const check = anOverview({ 'eu-west': aBar('passed') }, { alert: { unknown: ['eu-west'] } })
  expect(standingOf(check, 'eu-west')).toBe('unknown')
  expect(passesEverywhere(check)).toBe(false)
  expect(isTroubled(check)).toBe(true)
})

test('a region that the check does not run in is unwatched, and no trouble', () => {
  const check = anOverview({ 'eu-west': aBar('passed') })
  expect(standingOf(check, 'us-east')).toBe('unwatched')
  expect(passesEverywhere(check)).toBe(true)
  expect(isTroubled(check)).toBe(false)
})

test('a degraded check passes everywhere, and is still worth a look', () => {
  const check = anOverview({ 'eu-west': aBar('degraded'), 'us-east': aBar('passed') })
  expect(passesEverywhere(check)).toBe(true)
  expect(isTroubled(check)).toBe(true)
})

test('an alert that fires is trouble although every region passes again', () => {
  const check = anOverview({ 'eu-west': aBar('passed') }, { alert: { state: 'firing' } })
  expect(isTroubled(check)).toBe(true)
})

test('regions have the order given, unless nobody watches there', () => {
  const seenBy = (...regionIds: string[]) => ({
    regions: regionIds.map((regionId) => ({ regionId, slots: [] })),
  })
  const fleet = ['eu-west', 'us-east', 'ap-south']
  const job = seenBy('coordinator')
  expect(watchedRegions([job, seenBy('us-east', 'eu-west')], fleet)).toEqual(['eu-west', 'us-east'])
  expect(watchedRegions([job], fleet)).toEqual(['coordinator'])
})
