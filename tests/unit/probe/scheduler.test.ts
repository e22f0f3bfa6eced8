import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Places } from '../../../src/probe/capacity.ts'
import { type Decision, type DueSlot, Scheduler } from '../../../src/probe/scheduler.ts'
import type { CheckDefinition, ProbedCheck } from '../../../src/protocol/check.ts'
import { dueSlots, nextSlot } from '../../../src/protocol/schedule.ts'
import { aCheck, at } from '../../support/builders.ts'

const noon = at('2026-03-13T12:00:00Z')
const HOUR = 3_600_000
const REGION = 'eu-west'

const every = (everyMs: number, overrides: Partial<CheckDefinition> = {}) =>
  aCheck('http', { schedule: { kind: 'interval', everyMs }, ...overrides } as never)
const journey = (id: string, everyMs = 10_000) =>
  aCheck('journey', { id, schedule: { kind: 'interval', everyMs } })

/** The scheduler, with the bookkeeping that a driver does: each run ends when the test says so. */
class Bench {
  readonly scheduler: Scheduler
  readonly started: DueSlot[] = []
  readonly shed: Extract<Decision, { kind: 'shed' }>[] = []
  lateCount = 0
  readonly running = new Map<string, DueSlot>()

  constructor(options: { places?: Places; lastSlots?: [string, number][] } = {}) {
    this.scheduler = new Scheduler({
      regionId: REGION,
      places: options.places ?? { network: 10, browsers: 1 },
      lastSlots: new Map(options.lastSlots),
    })
  }

  look(now: number): void {
    this.#carryOut(this.scheduler.advance(now))
  }

  end(checkId: string): void {
    const slot = this.running.get(checkId)
    if (!slot) throw new Error(`${checkId} is not running`)
    this.running.delete(checkId)
    this.#carryOut(this.scheduler.ended(slot))
  }

  endAll(): void {
    for (const checkId of [...this.running.keys()]) this.end(checkId)
  }

  /** Looks whenever the scheduler wants to, with runs that take no time. */
  follow(from: number, until: number): void {
    for (let now = from; now <= until; now = this.scheduler.nextAt() ?? Infinity) {
      this.look(now)
      this.endAll()
    }
  }

  #carryOut(decisions: readonly Decision[]): void {
    for (const decision of decisions) {
      if (decision.kind === 'late') this.lateCount += decision.count
      if (decision.kind === 'shed') this.shed.push(decision)
      if (decision.kind === 'start') {
        this.started.push(decision.slot)
        this.running.set(decision.slot.check.id, decision.slot)
      }
    }
  }
}

const slotsOf = (slots: DueSlot[]) => slots.map(({ slotAt }) => slotAt)

describe('on the grid', () => {
  test('every slot is run exactly once, at its instant, without drift', () => {
    const check = every(10_000)
    const bench = new Bench()
    bench.scheduler.assign([check], noon)
    bench.follow(noon, noon + HOUR)
    expect(slotsOf(bench.started)).toEqual(dueSlots(check, REGION, noon, noon + HOUR))
    expect(bench.lateCount).toBe(0)
  })

  test('a look that comes somewhat late runs the slot that was due, and keeps the phase', () => {
    const check = every(10_000)
    const bench = new Bench()
    bench.scheduler.assign([check], noon)
    const [first = 0, second = 0] = dueSlots(check, REGION, noon, noon + 20_000)
    bench.look(first + 4_900)
    bench.endAll()
    bench.look(second)
    expect(slotsOf(bench.started)).toEqual([first, second])
  })

  test('cron slots are run at their instants', () => {
    const check = aCheck('http', {
      schedule: { kind: 'cron', expression: '*/5 * * * *', timeZone: 'UTC' },
    })
    const bench = new Bench()
    bench.scheduler.assign([check], noon)
    bench.follow(noon, noon + HOUR)
    expect(slotsOf(bench.started)).toEqual(dueSlots(check, REGION, noon, noon + HOUR))
  })
})

describe('when nobody looked for a while', () => {
  test.each([
    { why: 'stopped for a minute', pauseMs: 60_000 },
    { why: 'asleep for an hour', pauseMs: HOUR },
    { why: 'asleep for a week', pauseMs: 7 * 24 * HOUR },
  ])('$why: the slots between are late, none is caught up, and the grid goes on', ({ pauseMs }) => {
    const check = every(60_000)
    const bench = new Bench()
    bench.scheduler.assign([check], noon)
    bench.follow(noon, noon + 5 * 60_000)
    const before = bench.started.length
    const [resumedAt = 0] = dueSlots(check, REGION, noon + 5 * 60_000 + pauseMs, Infinity).slice(
      0,
      1,
    )
    // In the middle between two slots, where nothing is due.
    bench.look(resumedAt - 30_000)
    expect(bench.started).toHaveLength(before)
    const last = bench.started.at(-1)?.slotAt ?? 0
    expect(bench.lateCount).toBe(dueSlots(check, REGION, last, resumedAt - 30_000).length)
    bench.look(resumedAt)
    expect(bench.started.at(-1)?.slotAt).toBe(resumedAt)
  })

  test('a slot that is noticed more than half its period late is not run', () => {
    const check = every(4_000)
    const bench = new Bench()
    bench.scheduler.assign([check], noon)
    const [first = 0] = dueSlots(check, REGION, noon, noon + 4_000)
    bench.look(first + 2_001)
    expect(bench.started).toEqual([])
    expect(bench.lateCount).toBe(1)
  })

  test('a slot of a long period is not run when it is noticed more than five seconds late', () => {
    const check = every(HOUR)
    const bench = new Bench()
    bench.scheduler.assign([check], noon)
    const [first = 0] = dueSlots(check, REGION, noon, noon + HOUR)
    bench.look(first + 5_001)
    expect({ started: bench.started, late: bench.lateCount }).toEqual({ started: [], late: 1 })
  })
})

describe('when the clock is set', () => {
  test('an hour back and forth again, no slot is run twice, and those not yet run are', () => {
    const check = every(10_000)
    const bench = new Bench()
    bench.scheduler.assign([check], noon)
    bench.follow(noon, noon + 10 * 60_000)
    const before = slotsOf(bench.started)
    // Into time that was dealt with: nothing is due until its end.
    bench.follow(noon + 5 * 60_000, noon + 9 * 60_000)
    expect(slotsOf(bench.started)).toEqual(before)
    // Before our time: these slots were never run by anybody.
    bench.follow(noon - HOUR, noon - HOUR + 60_000)
    expect(slotsOf(bench.started).slice(before.length)).toEqual(
      dueSlots(check, REGION, noon - HOUR, noon - HOUR + 60_000),
    )
  })

  test('wrongly a day ahead and then right again, the probe goes on at once', () => {
    const check = every(10_000)
    const bench = new Bench()
    bench.scheduler.assign([check], noon)
    bench.follow(noon, noon + 60_000)
    bench.look(noon + 24 * HOUR)
    bench.endAll()
    const before = bench.started.length
    bench.look(noon + 61_000)
    bench.follow(noon + 61_000, noon + 120_000)
    expect(slotsOf(bench.started).slice(before)).toEqual(
      dueSlots(check, REGION, noon + 61_000, noon + 120_000),
    )
  })

  test('whatever the clock does, no slot is started twice, and none before it is due', () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 1, max: 12_000 }) },
      { weight: 2, arbitrary: fc.integer({ min: -120_000, max: -1 }) },
      { weight: 1, arbitrary: fc.integer({ min: -HOUR, max: HOUR }) },
    )
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 1_000, max: 60_000 }),
        (steps, ms) => {
          const bench = new Bench()
          bench.scheduler.assign([every(ms)], noon)
          let now = noon
          for (const by of steps) {
            now += by
            const before = bench.started.length
            bench.look(now)
            for (const { slotAt } of bench.started.slice(before)) {
              expect(slotAt).toBeLessThanOrEqual(now)
              expect(now - slotAt).toBeLessThanOrEqual(Math.min(ms / 2, 5_000))
            }
            bench.endAll()
          }
          const slots = slotsOf(bench.started)
          expect(new Set(slots).size).toBe(slots.length)
        },
      ),
    )
  })
})

describe('after a restart', () => {
  const check = every(10_000)
  const slot = nextSlot(check, REGION, noon) ?? 0

  test.each([
    {
      why: 'a slot that was begun before is not run again',
      lastSlot: slot,
      now: slot + 1_000,
      started: [],
    },
    {
      why: 'one that became due during a quick restart is',
      lastSlot: slot - 10_000,
      now: slot + 1_000,
      started: [slot],
    },
    {
      why: 'one that became due long ago is not, nor counted as late',
      lastSlot: slot - HOUR,
      now: slot + 6_000,
      started: [],
    },
    {
      why: 'without a memory it begins with the next slot',
      lastSlot: undefined,
      now: slot + 1_000,
      started: [],
    },
    {
      why: 'with the clock set back it does not repeat what was run',
      lastSlot: slot + 60_000,
      now: slot - 1,
      started: [],
    },
  ])('$why', ({ lastSlot, now, started }) => {
    const bench = new Bench({ lastSlots: lastSlot === undefined ? [] : [[check.id, lastSlot]] })
    bench.scheduler.assign([check], now)
    bench.look(now)
    bench.look(now + 2)
    expect({ started: slotsOf(bench.started), late: bench.lateCount }).toEqual({ started, late: 0 })
  })

  test('a memory from a clock that was a day ahead does not silence the probe', () => {
    const bench = new Bench({ lastSlots: [[check.id, slot + 24 * HOUR]] })
    bench.scheduler.assign([check], slot - 1_000)
    bench.follow(slot - 1_000, slot + 30_000)
    expect(slotsOf(bench.started)).toEqual(dueSlots(check, REGION, slot - 1_000, slot + 30_000))
  })
})

describe('when there is too much to do', () => {
  test('a check that still runs at its next slot sheds that slot, with a reason', () => {
    const check = every(10_000)
    const bench = new Bench()
    bench.scheduler.assign([check], noon)
    const [first = 0, second = 0, third = 0] = dueSlots(check, REGION, noon, noon + 30_000)
    bench.look(first)
    bench.look(second)
    bench.endAll()
    bench.look(third)
    expect(slotsOf(bench.started)).toEqual([first, third])
    expect(bench.shed).toMatchObject([
      {
        slot: { slotAt: second },
        error: { type: 'probe.overload', message: expect.stringContaining('previous run') },
      },
    ])
    expect(bench.scheduler.counts.shedSlots).toBe(1)
  })

  test('slots wait for a place and get it in the order in which they came', () => {
    const checks = ['a', 'b', 'c', 'd'].map((id) => every(60_000, { id }))
    const bench = new Bench({ places: { network: 1, browsers: 0 } })
    bench.scheduler.assign(checks, noon)
    for (let now = noon; now <= noon + 60_000; now = bench.scheduler.nextAt() ?? Infinity)
      bench.look(now)
    expect(bench.scheduler).toMatchObject({ running: { network: 1, browsers: 0 }, waitingCount: 3 })
    while (bench.running.size > 0) bench.endAll()
    const order = bench.started.map(({ slotAt }) => slotAt)
    expect(order).toHaveLength(4)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  test('a slot that waited for longer than its period is shed, and its next one waits', () => {
    const [blocker, waiter] = [every(HOUR, { id: 'blocker' }), every(10_000, { id: 'waiter' })]
    const bench = new Bench({ places: { network: 1, browsers: 0 } })
    bench.scheduler.assign([blocker], noon)
    const start = nextSlot(blocker, REGION, noon) ?? 0
    bench.look(start)
    bench.scheduler.assign([blocker, waiter], start)
    bench.look(start)
    const [first = 0, second = 0, third = 0] = dueSlots(waiter, REGION, start, start + 30_000)
    for (const now of [first, second, third]) bench.look(now)
    expect(bench.shed.map(({ slot, error }) => [slot.slotAt, error.type])).toEqual([
      [first, 'probe.overload'],
      [second, 'probe.overload'],
    ])
    bench.end('blocker')
    expect(bench.started.at(-1)).toMatchObject({ slotAt: third, check: { id: 'waiter' } })
  })

  test('journeys and network checks do not take each other’s places', () => {
    const bench = new Bench({ places: { network: 1, browsers: 1 } })
    bench.scheduler.assign([journey('shop-walk'), every(10_000), journey('cart-walk')], noon)
    for (let now = noon; now < noon + 10_000; now = bench.scheduler.nextAt() ?? Infinity)
      bench.look(now)
    expect(bench.scheduler.running).toEqual({ network: 1, browsers: 1 })
    expect(bench.scheduler.waitingCount).toBe(1)
  })

  test('a probe without browsers says so for each journey, and blocks nothing', () => {
    const bench = new Bench({ places: { network: 1, browsers: 0 } })
    bench.scheduler.assign([journey('shop-walk')], noon)
    bench.follow(noon, noon + 20_000)
    expect(bench.started).toEqual([])
    expect(bench.shed.map(({ error }) => error.type)).toEqual([
      'probe.browser_missing',
      'probe.browser_missing',
    ])
  })

  test('however long runs take, each slot has exactly one end', () => {
    const durations = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(durations, fc.integer({ min: 1, max: 3 }), (looks, network) => {
        const checks = ['a', 'b', 'c', 'd', 'e'].map((id) => every(10_000, { id }))
        const bench = new Bench({ places: { network, browsers: 0 } })
        bench.scheduler.assign(checks, noon)
        const until = noon + 300_000
        const endsAt = new Map<string, number>()
        let look = 0
        for (let now = noon; now <= until; now += 1_000) {
          for (const [id, end] of endsAt)
            if (end <= now && bench.running.has(id)) {
              endsAt.delete(id)
              bench.end(id)
            }
          bench.look(now)
          for (const id of bench.running.keys())
            if (!endsAt.has(id)) endsAt.set(id, now + (looks[look++ % looks.length] ?? 0) * 1_000)
        }
        for (const check of checks) {
          const mine = ({ check: { id } }: DueSlot) => id === check.id
          const ends = [
            ...slotsOf(bench.started.filter(mine)),
            ...slotsOf(bench.shed.map(({ slot }) => slot).filter(mine)),
          ].sort((a, b) => a - b)
          const due = dueSlots(check, REGION, noon, until)
          // The last one may still be waiting.
          expect(ends).toEqual(due.slice(0, ends.length))
          expect(due.length - ends.length).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('tiers', () => {
  const tiered = (id: string, tier: 'core' | 'standard' | 'minor', everyMs = 60_000) =>
    every(everyMs, { id, tier })

  test('when slots wait, those of a higher tier start first', () => {
    const checks = [tiered('a', 'minor'), tiered('b', 'standard'), tiered('c', 'core')]
    const bench = new Bench({ places: { network: 1, browsers: 0 } })
    bench.scheduler.assign([tiered('blocker', 'minor', HOUR)], noon)
    const start = nextSlot(tiered('blocker', 'minor', HOUR), REGION, noon) ?? 0
    bench.look(start)
    bench.scheduler.assign(checks, start)
    for (let now = start; now <= start + 60_000; now = bench.scheduler.nextAt() ?? Infinity)
      bench.look(now)
    while (bench.running.size > 0) bench.endAll()
    expect(bench.started.map(({ check }) => check.id)).toEqual(['blocker', 'c', 'b', 'a'])
  })

  test('with a free place for each, every slot starts at once, whatever its tier', () => {
    const checks = [tiered('a', 'minor'), tiered('b', 'standard'), tiered('c', 'core')]
    const bench = new Bench()
    bench.scheduler.assign(checks, noon)
    for (let now = noon; now <= noon + 60_000; now = bench.scheduler.nextAt() ?? Infinity) {
      bench.look(now)
      expect(bench.scheduler.waitingCount).toBe(0)
    }
    expect(bench.started).toHaveLength(3)
  })

  test('a probe that can do half of it sheds the lower tiers, says so, and starves nobody', () => {
    const ids = Array.from({ length: 10 }, (_, index) => `check-${index}`)
    const checks = ids.map((id, index) =>
      tiered(id, index < 3 ? 'core' : index < 7 ? 'standard' : 'minor', 10_000),
    )
    const bench = new Bench({ places: { network: 1, browsers: 0 } })
    bench.scheduler.assign(checks, noon)
    // One run at a time, each of two seconds: five in the ten seconds in which ten are due.
    for (let now = noon; now <= noon + 600_000; now += 2_000) {
      bench.endAll()
      for (let look = now; look < now + 2_000; look += 250) bench.look(look)
    }
    const shedOf = (tier: string) =>
      bench.shed.filter(({ slot }) => slot.check.tier === tier).length
    expect(shedOf('core')).toBe(0)
    expect(shedOf('minor')).toBeGreaterThan(shedOf('standard') / 2)
    const runsOf = (id: string) => bench.started.filter(({ check }) => check.id === id).length
    const standard = ids.slice(3, 7).map(runsOf)
    expect(Math.min(...standard)).toBeGreaterThan(Math.max(...standard) / 3)
    expect(bench.scheduler.isUnderProvisioned(noon + 600_000)).toBe(true)
    expect(bench.scheduler.isUnderProvisioned(noon + 2 * HOUR)).toBe(false)
    const minor = bench.shed.find(({ slot }) => slot.check.tier === 'minor')
    expect(minor?.error).toMatchObject({
      type: 'probe.overload',
      message: expect.stringContaining('a higher tier than minor'),
    })
  })

  test('a lower limit lets what is under way end, and a higher one starts what waits', () => {
    const checks = ['a', 'b', 'c', 'd'].map((id) => every(60_000, { id }))
    const bench = new Bench({ places: { network: 4, browsers: 0 } })
    bench.scheduler.limitNetwork(1)
    bench.scheduler.assign(checks, noon)
    for (let now = noon; now <= noon + 60_000; now = bench.scheduler.nextAt() ?? Infinity)
      bench.look(now)
    expect(bench.scheduler.running.network).toBe(1)
    expect(bench.scheduler.limitNetwork(3).map(({ kind }) => kind)).toEqual(['start', 'start'])
    expect(bench.scheduler.limitNetwork(99)).toHaveLength(1)
    expect(bench.scheduler.limits.network).toBe(4)
  })
})

describe('another assignment', () => {
  test('takes over between two slots; a run under way keeps its definition', () => {
    const before = every(10_000, { hash: 'before' })
    const after = every(20_000, { hash: 'after' })
    const bench = new Bench()
    bench.scheduler.assign([before], noon)
    const first = nextSlot(before, REGION, noon) ?? 0
    bench.look(first)
    bench.scheduler.assign([after], first + 1)
    bench.look(first + 1)
    expect(bench.running.get(after.id)?.check.hash).toBe('before')
    bench.endAll()
    const next = nextSlot(after, REGION, first + 1) ?? 0
    bench.look(next)
    expect(bench.started.at(-1)).toMatchObject({ slotAt: next, check: { hash: 'after' } })
  })

  test('that comes again and again neither repeats a slot nor skips one', () => {
    const check = every(10_000)
    const bench = new Bench()
    bench.scheduler.assign([check], noon)
    for (let now = noon; now <= noon + 120_000; now += 500) {
      bench.scheduler.assign([check], now)
      bench.look(now)
      bench.endAll()
    }
    expect(slotsOf(bench.started)).toEqual(dueSlots(check, REGION, noon, noon + 120_000))
  })

  test('without a check ends its slots, and a check that comes back is not run twice at once', () => {
    const check = every(10_000)
    const bench = new Bench()
    bench.scheduler.assign([check], noon)
    const [first = 0, second = 0] = dueSlots(check, REGION, noon, noon + 20_000)
    bench.look(first)
    bench.scheduler.assign([], first + 1)
    bench.look(first + 2)
    expect(bench.scheduler.nextAt()).toBeUndefined()
    bench.scheduler.assign([check], first + 3)
    bench.look(second)
    expect(slotsOf(bench.started)).toEqual([first])
    expect(bench.shed).toHaveLength(1)
  })
})

test('thousands of checks cost little to look at', () => {
  const checks = Array.from({ length: 5_000 }, (_, i) => every(60_000, { id: `check-${i}` }))
  const bench = new Bench({ places: { network: 50, browsers: 1 } })
  bench.scheduler.assign(checks, noon)
  bench.follow(noon, noon + 60_000)
  expect(bench.started).toHaveLength(5_000)
  expect(bench.lateCount).toBe(0)
})

describe('by command', () => {
  const command = {
    commandId: '0f8fad5b-d9cb-469f-a165-70867728950e',
    reason: 'confirmation' as const,
  }
  const idle = (checks: ProbedCheck[], places?: Places) => {
    const bench = new Bench({ ...(places && { places }) })
    bench.scheduler.assign(checks, noon)
    return bench
  }

  test('a check runs beside its grid, on an instant that is no slot, and its slots come due as ever', () => {
    const check = every(10_000)
    const bench = idle([check])
    const [first = 0, second = 0] = dueSlots(check, REGION, noon, noon + 20_000)
    const decision = bench.scheduler.runNow(check.id, command, second)
    expect(decision).toEqual({ kind: 'start', slot: { check, slotAt: second + 1, command } })
    expect(bench.scheduler.running.network).toBe(1)
    expect(bench.scheduler.runNow(check.id, command, second)).toBe('running')

    bench.look(first)
    bench.endAll()
    bench.look(second)
    expect(slotsOf(bench.started)).toEqual([first, second])
    expect(bench.shed).toEqual([])
    if (typeof decision !== 'object' || decision.kind !== 'start') throw new Error('not started')
    bench.scheduler.ended(decision.slot)
    // The run of the slot is still under way, which the end of the other one does not change.
    expect(bench.scheduler.running.network).toBe(1)
    expect(bench.scheduler.runNow(check.id, command, second + 5)).toBe('running')
  })

  test('nothing runs that is not assigned, or for which no place is free', () => {
    const checks = [every(10_000, { id: 'one' }), every(10_000, { id: 'two' })]
    const bench = idle(checks, { network: 1, browsers: 0 })
    expect(bench.scheduler.runNow('other', command, noon)).toBe('unknown_check')
    expect(bench.scheduler.runNow('one', command, noon)).toMatchObject({ kind: 'start' })
    expect(bench.scheduler.runNow('two', command, noon)).toBe('no_place')
    expect(bench.scheduler.counts.shedSlots).toBe(0)
  })

  test('a slot that waits goes before a command', () => {
    const checks = [journey('one'), journey('two')]
    const bench = idle([...checks, every(10_000)])
    let now = noon
    for (; bench.scheduler.waitingCount === 0; now += 1_000) bench.look(now)
    const waits = checks.find(({ id }) => !bench.running.has(id))
    expect(bench.scheduler.runNow(waits?.id ?? '', command, now)).toBe('no_place')
  })

  test('after it had to shed slots for want of places the probe takes no commands for a while', () => {
    const bench = idle([journey('one'), journey('two'), every(10_000)])
    let now = noon
    for (; !bench.scheduler.isUnderProvisioned(now); now += 1_000) bench.look(now)
    if (bench.running.has('shop-home')) bench.end('shop-home')
    expect(bench.scheduler.runNow('shop-home', command, now)).toBe('no_place')
    expect(bench.scheduler.runNow('shop-home', command, now + 5 * 60_000)).toMatchObject({
      kind: 'start',
    })
  })
})
