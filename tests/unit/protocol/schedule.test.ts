import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cronProblem,
  dueSlots,
  nextSlot,
  offGridInstant,
  SLOTS_AT_ONCE_MAX,
  slotPeriodMs,
} from '../../../src/protocol/schedule.ts'
import { anyCheck, at } from '../../support/builders.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const REGIONS = ['eu-west', 'us-east', 'ap-south', 'sa-east', 'af-south']
const YEAR_STARTS = at('2026-01-01T00:00:00Z')
const YEAR_ENDS = at('2027-01-01T00:00:00Z')

const every = (everyMs: number, regions = REGIONS, id = 'shop-home') =>
  anyCheck({ id, regions, schedule: { kind: 'interval', everyMs } })
const cron = (expression: string, timeZone: string) =>
  anyCheck({ regions: ['eu-west'], schedule: { kind: 'cron', expression, timeZone } })

/** All slots of a span, however many calls it takes. */
function allSlots(check: ReturnType<typeof every>, after: number, until: number): number[] {
  const slots: number[] = []
  for (;;) {
    const some = dueSlots(check, check.regions[0] ?? '', slots.at(-1) ?? after, until)
    slots.push(...some)
    if (some.length < SLOTS_AT_ONCE_MAX) return slots
  }
}

const anyInterval = fc.integer({ min: 1_000, max: DAY })
const anyInstant = fc.integer({ min: YEAR_STARTS, max: YEAR_ENDS })
const anyId = fc.stringMatching(/^[a-z]{1,12}(-[a-z]{1,8})?$/)

describe('the grid of an interval', () => {
  test('does not drift: over a year every slot is a whole number of intervals after the first', () => {
    const slots = allSlots(every(7 * 60_000), YEAR_STARTS, YEAR_ENDS)
    const [first = 0] = slots
    expect(slots.every((slot, i) => slot === first + i * 7 * 60_000)).toBe(true)
    expect(slots).toHaveLength(Math.floor((YEAR_ENDS - first) / (7 * 60_000)) + 1)
  })

  test('spreads the regions evenly over the interval', () => {
    fc.assert(
      fc.property(
        anyInterval,
        anyInstant,
        anyId,
        fc.integer({ min: 1, max: 5 }),
        (ms, after, id, n) => {
          const check = every(ms, REGIONS.slice(0, n), id)
          const [phase = 0] = dueSlots(check, 'eu-west', 0, ms)
          check.regions.forEach((region, i) => {
            const [slot = 0] = dueSlots(check, region, after, after + ms)
            const offset = (((slot - phase) % ms) + ms) % ms
            expect(offset).toBe(Math.floor((i * ms) / n))
          })
        },
      ),
    )
  })

  test('asked in pieces or at once, it is the same list', () => {
    const cuts = fc.array(fc.nat(1_000), { maxLength: 12 })
    fc.assert(
      fc.property(anyInterval, anyInstant, cuts, (ms, start, points) => {
        const check = every(ms)
        const end = start + 20 * ms
        const borders = [0, ...points.sort((a, b) => a - b), 1_000].map((thousandth) =>
          Math.round(start + ((end - start) * thousandth) / 1_000),
        )
        const pieces = borders.flatMap((border, i) =>
          dueSlots(check, 'us-east', border, borders[i + 1] ?? border),
        )
        const whole = dueSlots(check, 'us-east', start, end)
        expect(pieces).toEqual(whole)
        expect(whole).toHaveLength(20)
      }),
    )
  })

  test('a span has its end but not its start', () => {
    const check = every(60_000)
    const [slot = 0] = dueSlots(check, 'eu-west', YEAR_STARTS, YEAR_ENDS)
    expect(dueSlots(check, 'eu-west', slot - 1, slot)).toEqual([slot])
    expect(dueSlots(check, 'eu-west', slot, slot)).toEqual([])
    expect(dueSlots(check, 'eu-west', slot, slot - 60_000)).toEqual([])
  })

  test('checks do not all look at the same moment', () => {
    const phases = Array.from({ length: 60 }, (_, i) =>
      nextSlot(every(60_000, REGIONS, `check-${i}`), 'eu-west', YEAR_STARTS),
    )
    expect(new Set(phases).size).toBeGreaterThan(50)
  })

  test('gives no more at once than its limit', () => {
    const slots = dueSlots(every(1_000), 'eu-west', YEAR_STARTS, YEAR_ENDS)
    expect(slots).toHaveLength(SLOTS_AT_ONCE_MAX)
  })

  test('asking for a region that the check does not have is a bug', () => {
    expect(() => dueSlots(every(1_000), 'moon', 0, 1)).toThrow('regions of the check')
  })
})

const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC']
const EXPRESSIONS = [
  '*/15 * * * *',
  '0 * * * *',
  '30 2 * * *',
  '15 1 * * *',
  '*/20 1-3 * * *',
  '45 1,2 * * *',
  '0 9 * * 1-5',
]

/** When the zones above change their clocks in 2026, and a day on which nothing happens. */
const CHANGES = [
  '2026-03-29T01:00:00Z',
  '2026-10-25T01:00:00Z',
  '2026-03-08T07:00:00Z',
  '2026-11-01T06:00:00Z',
  '2026-04-04T15:00:00Z',
  '2026-10-03T15:30:00Z',
  '2026-07-15T12:00:00Z',
].map(at)

describe('cron with a time zone', () => {
  test.each(
    ZONES.flatMap((zone) => [
      {
        zone,
        expression: '0 * * * *',
        count: 365 * 24,
        why: 'a rhythm goes on through both changes',
      },
      { zone, expression: '0 0 * * *', count: 365, why: 'once each day' },
      {
        zone,
        expression: '30 2 * * *',
        count: 365,
        why: 'once on the day that has no 02:30, or two',
      },
      { zone, expression: '15 1 * * *', count: 365, why: 'once on the day that has two 01:15' },
      { zone, expression: '0 9 1 * *', count: 12, why: 'once each month' },
      { zone, expression: '0 9 * * 1-5', count: 261, why: 'once each working day' },
    ]),
  )('$expression in $zone is due $count times in 2026: $why', ({ zone, expression, count }) => {
    const slots = allSlots(cron(expression, zone), YEAR_STARTS, YEAR_ENDS)
    expect(slots).toHaveLength(count)
    expect(slots.every((slot, i) => i === 0 || slot > (slots[i - 1] ?? 0))).toBe(true)
  })

  test.each([
    {
      zone: 'Europe/Berlin',
      expression: '30 2 * * *',
      day: '2026-03-28T23:00:00Z',
      slots: ['03:30:00+02:00'],
      why: 'skipped 02:30 is due as much later',
    },
    {
      zone: 'Europe/Berlin',
      expression: '30 2 * * *',
      day: '2026-10-24T22:00:00Z',
      slots: ['02:30:00+02:00'],
      why: 'of two 02:30 the first',
    },
    {
      zone: 'America/New_York',
      expression: '30 2 * * *',
      day: '2026-03-08T05:00:00Z',
      slots: ['03:30:00-04:00'],
      why: 'skipped 02:30 is due as much later',
    },
    {
      zone: 'America/New_York',
      expression: '30 1 * * *',
      day: '2026-11-01T04:00:00Z',
      slots: ['01:30:00-04:00'],
      why: 'of two 01:30 the first',
    },
    {
      zone: 'Australia/Lord_Howe',
      expression: '15 2 * * *',
      day: '2026-10-03T13:30:00Z',
      slots: ['02:45:00+11:00'],
      why: 'only half an hour is skipped',
    },
    {
      zone: 'Australia/Lord_Howe',
      expression: '45 1 * * *',
      day: '2026-04-04T13:00:00Z',
      slots: ['01:45:00+11:00'],
      why: 'only half an hour is repeated',
    },
    {
      zone: 'Europe/Berlin',
      expression: '15,45 1-3 * * *',
      day: '2026-03-28T23:00:00Z',
      slots: ['01:15:00+01:00', '01:45:00+01:00', '03:15:00+02:00', '03:45:00+02:00'],
      why: 'an instant is a slot once',
    },
  ])('$expression in $zone on the day of the change: $why', ({ zone, expression, day, slots }) => {
    const date = at(day)
    const due = dueSlots(cron(expression, zone), 'eu-west', date, date + 23 * HOUR)
    const shown = due.map((slot) =>
      Temporal.Instant.fromEpochMilliseconds(slot).toString({ timeZone: zone }).slice(11),
    )
    expect(shown).toEqual(slots)
  })

  test('asked in pieces or at once, it is the same list, also while clocks change', () => {
    const scenario = fc.record({
      zone: fc.constantFrom(...ZONES),
      expression: fc.constantFrom(...EXPRESSIONS),
      change: fc.constantFrom(...CHANGES),
      minutes: fc.array(fc.integer({ min: 1, max: 10 * 60 - 1 }), { maxLength: 15 }),
    })
    fc.assert(
      fc.property(scenario, ({ zone, expression, change, minutes }) => {
        const check = cron(expression, zone)
        const start = change - 5 * HOUR
        const borders = [0, ...minutes.sort((a, b) => a - b), 600].map((m) => start + m * 60_000)
        const pieces = borders.flatMap((border, i) =>
          dueSlots(check, 'eu-west', border, borders[i + 1] ?? border),
        )
        expect(pieces).toEqual(dueSlots(check, 'eu-west', start, start + 10 * HOUR))
      }),
      { numRuns: 150 },
    )
  })

  test('is the same instant in every region', () => {
    const check = { ...cron('0 6 * * *', 'Europe/Berlin'), regions: REGIONS }
    const lists = REGIONS.map((region) =>
      dueSlots(check, region, YEAR_STARTS, YEAR_STARTS + 3 * DAY),
    )
    expect(new Set(lists.map(String)).size).toBe(1)
    expect(lists[0]).toHaveLength(3)
  })

  test('gives no more at once than its limit, and goes on from there', () => {
    const check = cron('* * * * *', 'UTC')
    const slots = dueSlots(check, 'eu-west', YEAR_STARTS, YEAR_ENDS)
    expect(slots).toHaveLength(SLOTS_AT_ONCE_MAX)
    expect(dueSlots(check, 'eu-west', slots.at(-1) ?? 0, YEAR_ENDS)[0]).toBe(
      (slots.at(-1) ?? 0) + 60_000,
    )
  })
})

describe('the next slot', () => {
  test('is the first of those due', () => {
    const schedules = fc.oneof(
      anyInterval.map((ms) => every(ms)),
      fc
        .tuple(fc.constantFrom(...EXPRESSIONS), fc.constantFrom(...ZONES))
        .map(([expression, zone]) => cron(expression, zone)),
    )
    fc.assert(
      fc.property(schedules, fc.oneof(anyInstant, fc.constantFrom(...CHANGES)), (check, after) => {
        const next = nextSlot(check, 'eu-west', after)
        expect(next).toBe(dueSlots(check, 'eu-west', after, after + 8 * DAY)[0])
      }),
    )
  })

  test('is the earliest instant, where a skipped time is due after one that follows it', () => {
    const check = cron('20,40 2 * * *', 'Australia/Lord_Howe')
    const midnight = at('2026-10-04T00:00:00+10:30')
    const next = nextSlot(check, 'eu-west', midnight)
    expect(next).toBe(at('2026-10-04T02:40:00+11:00'))
    expect(nextSlot(check, 'eu-west', next ?? 0)).toBe(at('2026-10-04T02:50:00+11:00'))
  })

  test('of 29 February may be years away', () => {
    const check = cron('0 0 29 2 *', 'UTC')
    expect(nextSlot(check, 'eu-west', YEAR_STARTS)).toBe(at('2028-02-29T00:00:00Z'))
  })
})

test('an instant off the grid is the next one that is no slot', () => {
  const check = every(10_000)
  const [slot = 0] = dueSlots(check, 'eu-west', YEAR_STARTS, YEAR_STARTS + 10_000)
  expect(offGridInstant(check, 'eu-west', slot)).toBe(slot + 1)
  expect(offGridInstant(check, 'eu-west', slot + 1)).toBe(slot + 1)
  const hourly = cron('0 * * * *', 'UTC')
  expect(offGridInstant(hourly, 'eu-west', YEAR_STARTS)).toBe(YEAR_STARTS + 1)
})

test.each([
  { check: every(10_000), ms: 10_000, why: 'the interval' },
  { check: cron('*/5 * * * *', 'UTC'), ms: 300_000, why: 'the gap between the next two' },
  { check: cron('30 2 * * *', 'Europe/Berlin'), ms: DAY, why: 'a day' },
])('the period is $ms ms: $why', ({ check, ms }) => {
  expect(slotPeriodMs(check, YEAR_STARTS)).toBe(ms)
})

test.each([
  { expression: '*/5 * * * *', zone: 'UTC', isFine: true, why: 'five fields' },
  { expression: '0 9 * * MON-FRI', zone: 'Europe/Berlin', isFine: true, why: 'names of days' },
  { expression: '0 0 1 THU *', zone: 'UTC', isFine: false, why: 'a day where a month belongs' },
  { expression: '0 0 * MAR THU', zone: 'UTC', isFine: true, why: 'an H inside of a name' },
  { expression: '* * * * * *', zone: 'UTC', isFine: false, why: 'seconds' },
  { expression: '@daily', zone: 'UTC', isFine: false, why: 'a nickname' },
  { expression: '61 * * * *', zone: 'UTC', isFine: false, why: 'no such minute' },
  { expression: '0 0 30 2 *', zone: 'UTC', isFine: false, why: 'a day that never comes' },
  { expression: 'H * * * *', zone: 'UTC', isFine: false, why: 'a minute by chance' },
  { expression: '0,H/15 * * * *', zone: 'UTC', isFine: false, why: 'minutes by chance' },
  { expression: '0 9 * * *', zone: 'Europe/Berlinn', isFine: false, why: 'no such zone' },
])('"$expression" in $zone is accepted: $isFine ($why)', ({ expression, zone, isFine }) => {
  expect(cronProblem(expression, zone) === undefined).toBe(isFine)
})
