import { expect, test } from 'vitest'
import { nextBusinessDay } from '../../../../src/domain/ticket/next-business-day.ts'
import { at } from '../../../support/builders.ts'

test.each([
  { why: 'in the afternoon it is tomorrow', now: '2026-03-11T15:00:00Z', day: '2026-03-12' },
  { why: 'at night it is the day that begins', now: '2026-03-11T03:00:00Z', day: '2026-03-11' },
  { why: 'at nine the day has begun', now: '2026-03-11T09:00:00Z', day: '2026-03-12' },
  { why: 'a minute before nine it has not', now: '2026-03-11T08:59:00Z', day: '2026-03-11' },
  { why: 'after Friday comes Monday', now: '2026-03-13T12:00:00Z', day: '2026-03-16' },
  { why: 'on Friday night it is Friday', now: '2026-03-13T02:00:00Z', day: '2026-03-13' },
  { why: 'on Saturday it is Monday', now: '2026-03-14T03:00:00Z', day: '2026-03-16' },
  { why: 'on Sunday at noon it is Monday', now: '2026-03-15T12:00:00Z', day: '2026-03-16' },
  {
    why: 'in Tokyo it is Saturday already, and in UTC Friday night',
    now: '2026-03-13T20:00:00Z',
    zone: 'Asia/Tokyo',
    day: '2026-03-16',
  },
  {
    why: 'in Los Angeles it is Thursday evening yet',
    now: '2026-03-13T03:00:00Z',
    zone: 'America/Los_Angeles',
    day: '2026-03-13',
  },
  {
    why: 'nine is by the clock that was put forward that night',
    now: '2026-03-30T06:59:00Z',
    zone: 'Europe/Berlin',
    day: '2026-03-30',
  },
  {
    why: 'and a minute later it has begun',
    now: '2026-03-30T07:00:00Z',
    zone: 'Europe/Berlin',
    day: '2026-03-31',
  },
  {
    why: 'nobody works on holidays, nor on the weekend after them',
    now: '2026-12-23T16:00:00Z',
    holidays: ['2026-12-24', '2026-12-25', '2026-12-28'],
    day: '2026-12-29',
  },
  {
    why: 'a holiday that has not begun is no day either',
    now: '2026-12-25T03:00:00Z',
    holidays: ['2026-12-25'],
    day: '2026-12-28',
  },
])('$why', ({ now, zone = 'UTC', holidays = [], day }) => {
  expect(nextBusinessDay(at(now), zone, holidays)).toBe(day)
})
