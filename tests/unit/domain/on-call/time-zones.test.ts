import { describe, expect, test } from 'vitest'
import { coverAt } from '../../../../src/domain/on-call/covered-time.ts'
import { turnAt } from '../../../../src/domain/on-call/turn-at.ts'
import { instantOf, wallAt } from '../../../../src/domain/on-call/wall-clock.ts'
import type { Restriction, RotationVersion } from '../../../../src/protocol/on-call.ts'
import { longOrShort } from '../../../support/long-or-short.ts'

/**
 * Rotations around every change of clocks there is. A turn begins at the first moment at which the wall
 * clock has reached its hand-off; that is checked against the wall clock alone, without the code that
 * turns local times into instants.
 */

const HOUR = 3_600_000
const DAY = 24 * HOUR

const SOME_ZONES = [
  'America/New_York',
  'Europe/Berlin',
  'Europe/Warsaw',
  'Europe/Dublin',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Africa/Cairo',
  'America/Santiago',
  'America/Nuuk',
  'Antarctica/Troll',
  'Asia/Gaza',
  'Asia/Kathmandu',
  'Pacific/Chatham',
  'Pacific/Apia',
]
const zones = longOrShort({ long: Intl.supportedValuesOf('timeZone'), short: SOME_ZONES })
const years = longOrShort({ long: [2020, 2041], short: [2026, 2027] }) as [number, number]

const startOfYear = (year: number) => Date.UTC(year, 0, 1)

function transitionsOf(zone: string): number[] {
  const transitions: number[] = []
  const until = startOfYear(years[1])
  let at = Temporal.Instant.fromEpochMilliseconds(startOfYear(years[0])).toZonedDateTimeISO(zone)
  for (;;) {
    const next = at.getTimeZoneTransition('next')
    if (!next || next.epochMilliseconds >= until) return transitions
    transitions.push(next.epochMilliseconds)
    at = next
  }
}

const shown = (wall: Temporal.PlainDateTime) => wall.toZonedDateTime('UTC').epochMilliseconds

/** A time on the wall in the middle of what the clock skips or shows twice. */
function middleOfChange(transition: number, zone: string): Temporal.PlainDateTime {
  const before = shown(wallAt(transition - 1, zone)) + 1
  const after = shown(wallAt(transition, zone))
  const middle = Math.floor((before + after) / 2 / 60_000) * 60_000
  return Temporal.Instant.fromEpochMilliseconds(middle).toZonedDateTimeISO('UTC').toPlainDateTime()
}

const INTERVALS: RotationVersion['every'][] = [
  { count: 1, unit: 'hour' },
  { count: 12, unit: 'hour' },
  { count: 1, unit: 'day' },
  { count: 1, unit: 'week' },
  { count: 1, unit: 'month' },
]

const version = (
  zone: string,
  anchor: Temporal.PlainDateTime,
  every: RotationVersion['every'],
): RotationVersion => ({
  ...{ zone, every },
  effectiveFrom: anchor.toString(),
  anchor: anchor.toString(),
  participants: ['first-responder', 'second-responder', 'third-responder'],
  restrictions: [],
  shadows: [],
})

describe('turns, around every change of clocks', () => {
  test('follow each other without gap and overlap, and begin when the clock has reached their time', () => {
    const found = { instants: 0, gaps: 0, overlaps: 0, early: 0, late: 0 }
    let transitionCount = 0
    for (const zone of zones) {
      const transitions = transitionsOf(zone)
      transitionCount += transitions.length
      // Zones that keep their clocks are looked at as well, at any time.
      for (const transition of transitions.length > 0 ? transitions : [startOfYear(years[0])]) {
        const middle = middleOfChange(transition, zone)
        const lastChanges = transitions.filter((one) => one > transition - 2 * DAY)
        for (const every of INTERVALS) {
          const anchor = middle.subtract({ [`${every.unit}s`]: every.count * 5 })
          const rotation = version(zone, anchor, every)
          for (const offset of [-DAY, -HOUR, -1, 0, 1, HOUR / 4, HOUR / 2, HOUR, 2 * HOUR, DAY]) {
            const instant = transition + offset
            const turn = turnAt(rotation, instant)
            found.instants++
            if (instant < turn.from || instant >= turn.until) found.gaps++
            const next = turnAt(rotation, turn.until)
            if (next.from > turn.until) found.gaps++
            if (next.from < turn.until || next.index <= turn.index) found.overlaps++

            const due = shown(anchor.add({ [`${every.unit}s`]: every.count * turn.index }))
            if (shown(wallAt(turn.from, zone)) < due) found.early++
            const hadShown = [turn.from, ...lastChanges.filter((one) => one < turn.from)].some(
              (moment) => moment > turn.from - 2 * DAY && shown(wallAt(moment - 1, zone)) >= due,
            )
            if (hadShown) found.late++
          }
        }
      }
    }
    process.stdout.write(
      `rotations: ${zones.length} zones, ${transitionCount} changes of clocks ${years[0]}–${years[1] - 1}: ${JSON.stringify(found)}\n`,
    )
    expect(found.instants).toBeGreaterThan(1_000)
    expect(found).toEqual({ instants: found.instants, gaps: 0, overlaps: 0, early: 0, late: 0 })
  }, 600_000)

  test('windows that share out the day leave no gap, wherever their edge falls', () => {
    const everyDay: Restriction['days'] = [1, 2, 3, 4, 5, 6, 7]
    const found = { instants: 0, gaps: 0, changesInThePast: 0 }
    for (const zone of zones)
      for (const transition of transitionsOf(zone)) {
        const middle = middleOfChange(transition, zone)
        const edge = middle.hour * 60 + middle.minute
        const other = (edge + 700) % 1_440
        const restrictions: Restriction[] = [
          { days: everyDay, from: edge, until: other },
          { days: everyDay, from: other, until: edge },
        ]
        for (
          let instant = transition - 3 * HOUR;
          instant <= transition + 3 * HOUR;
          instant += HOUR / 4
        ) {
          const cover = coverAt({ restrictions, zone }, instant)
          found.instants++
          if (!cover.isCovered) found.gaps++
          if (cover.until <= instant) found.changesInThePast++
        }
      }
    process.stdout.write(`windows: ${JSON.stringify(found)}\n`)
    expect(found.instants).toBeGreaterThan(500)
    expect(found).toEqual({ instants: found.instants, gaps: 0, changesInThePast: 0 })
  }, 600_000)
})

describe('what a local time means', () => {
  test.each([
    [
      'America/New_York',
      '2026-11-01T01:30',
      'first',
      '2026-11-01T05:30:00Z',
      'shown twice: the first',
    ],
    [
      'America/New_York',
      '2026-11-01T01:30',
      'last',
      '2026-11-01T06:30:00Z',
      'shown twice: the last',
    ],
    [
      'America/New_York',
      '2026-03-08T02:30',
      'first',
      '2026-03-08T07:00:00Z',
      'skipped: when it is put forward',
    ],
    [
      'America/New_York',
      '2026-03-08T02:30',
      'last',
      '2026-03-08T07:00:00Z',
      'skipped: when it is put forward',
    ],
    [
      'America/New_York',
      '2026-03-08T02:00',
      'first',
      '2026-03-08T07:00:00Z',
      'skipped: its first moment',
    ],
    [
      'Australia/Lord_Howe',
      '2026-10-04T02:15',
      'first',
      '2026-10-03T15:30:00Z',
      'half an hour is skipped',
    ],
    [
      'Australia/Lord_Howe',
      '2026-04-05T01:45',
      'first',
      '2026-04-04T14:45:00Z',
      'half an hour is shown twice',
    ],
    [
      'Australia/Lord_Howe',
      '2026-04-05T01:45',
      'last',
      '2026-04-04T15:15:00Z',
      'half an hour is shown twice',
    ],
    ['Africa/Casablanca', '2026-02-14T03:00', 'first', '2026-02-14T02:00:00Z', 'before Ramadan'],
    ['Africa/Casablanca', '2026-02-15T03:00', 'first', '2026-02-15T03:00:00Z', 'in Ramadan'],
    [
      'Asia/Kathmandu',
      '2026-06-01T09:00',
      'first',
      '2026-06-01T03:15:00Z',
      'three quarters of an hour',
    ],
    [
      'Pacific/Apia',
      '2011-12-30T09:00',
      'first',
      '2011-12-30T10:00:00Z',
      'a day that there was not',
    ],
  ] as const)('%s %s, the %s: %s (%s)', (zone, local, occurrence, expected, _why) => {
    const instant = instantOf(Temporal.PlainDateTime.from(local), zone, occurrence)
    expect(new Date(instant).toISOString()).toBe(expected.replace('Z', '.000Z'))
  })
})

describe('a weekly hand-off on Monday at 09:00', () => {
  test.each([
    ['America/New_York', '2026-03-05T00:00Z', '2026-03-02T14:00Z', '2026-03-09T13:00Z', 167],
    ['America/New_York', '2026-10-30T00:00Z', '2026-10-26T13:00Z', '2026-11-02T14:00Z', 169],
    ['Europe/Warsaw', '2026-03-25T00:00Z', '2026-03-23T08:00Z', '2026-03-30T07:00Z', 167],
    ['Europe/Warsaw', '2026-10-22T00:00Z', '2026-10-19T07:00Z', '2026-10-26T08:00Z', 169],
    ['Asia/Kathmandu', '2026-06-03T00:00Z', '2026-06-01T03:15Z', '2026-06-08T03:15Z', 168],
  ])('%s, at %s: from %s until %s, %i hours', (zone, at, from, until, hours) => {
    const anchor = Temporal.PlainDateTime.from('2026-01-05T09:00')
    const turn = turnAt(version(zone, anchor, { count: 1, unit: 'week' }), Date.parse(at))
    expect(turn).toMatchObject({ from: Date.parse(from), until: Date.parse(until) })
    expect((turn.until - turn.from) / HOUR).toBe(hours)
  })

  test('a daily one at a time that is shown twice or skipped happens once', () => {
    const anchor = Temporal.PlainDateTime.from('2026-03-01T02:30')
    const daily = version('America/New_York', anchor, { count: 1, unit: 'day' })
    const skipped = turnAt(daily, Date.parse('2026-03-08T12:00Z'))
    expect(skipped).toMatchObject({ index: 7, from: Date.parse('2026-03-08T07:00Z') })

    const twice = version('America/New_York', Temporal.PlainDateTime.from('2026-10-25T01:30'), {
      count: 1,
      unit: 'day',
    })
    expect(turnAt(twice, Date.parse('2026-11-01T05:29Z')).index).toBe(6)
    expect(turnAt(twice, Date.parse('2026-11-01T05:30Z')).index).toBe(7)
    expect(turnAt(twice, Date.parse('2026-11-01T06:30Z')).index).toBe(7)
  })

  test('hours are those of the wall clock: one is twice as long, one is not there', () => {
    const hourly = version('America/New_York', Temporal.PlainDateTime.from('2026-03-08T00:00'), {
      count: 1,
      unit: 'hour',
    })
    expect(turnAt(hourly, Date.parse('2026-03-08T06:59Z')).index).toBe(1)
    // 02:00 is skipped, and with it the turn of the third.
    expect(turnAt(hourly, Date.parse('2026-03-08T07:00Z')).index).toBe(3)
    const long = turnAt(hourly, Date.parse('2026-11-01T06:30Z'))
    expect((long.until - long.from) / HOUR).toBe(2)
  })

  test('a month that is too short hands off on its last day', () => {
    const monthly = version('Europe/Berlin', Temporal.PlainDateTime.from('2026-01-31T09:00'), {
      count: 1,
      unit: 'month',
    })
    expect(turnAt(monthly, Date.parse('2026-03-01T12:00Z'))).toEqual({
      index: 1,
      from: Date.parse('2026-02-28T08:00Z'),
      until: Date.parse('2026-03-31T07:00Z'),
    })
  })

  test('before its anchor the order goes on backwards', () => {
    const anchor = Temporal.PlainDateTime.from('2026-01-05T09:00')
    const weekly = version('UTC', anchor, { count: 1, unit: 'week' })
    expect(turnAt(weekly, Date.parse('2026-01-05T08:59Z')).index).toBe(-1)
    expect(turnAt(weekly, Date.parse('2025-12-01T09:00Z')).index).toBe(-5)
  })
})
