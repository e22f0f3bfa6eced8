import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RegionVote } from '../../../../src/domain/alerting/condition.ts'
import { voteFreshForMs } from '../../../../src/domain/alerting/counted-votes.ts'
import {
  detectionTime,
  EVALUATION_MS,
  TRAVEL_MS,
} from '../../../../src/domain/alerting/detection-time.ts'
import { replayAlerts } from '../../../../src/domain/alerting/replay-alerts.ts'
import { voteReach } from '../../../../src/domain/alerting/vote-reach.ts'
import type { AlertRule } from '../../../../src/protocol/alert-rule.ts'
import type { CheckDefinition } from '../../../../src/protocol/check.ts'
import { dueSlots, slotPeriodMs } from '../../../../src/protocol/schedule.ts'
import { aCheck, at } from '../../../support/builders.ts'
import { anAlert, NOW } from './votes.ts'

const REGIONS = ['r1', 'r2', 'r3', 'r4', 'r5']

function checkWith(
  everyMs: number,
  regionCount: number,
  rule: Partial<AlertRule> = {},
  overrides: Partial<CheckDefinition> = {},
) {
  return aCheck('http', {
    schedule: { kind: 'interval', everyMs },
    regions: REGIONS.slice(0, regionCount),
    timeoutMs: 2_000,
    alert: { failuresToFire: 3, regionsMin: Math.min(2, regionCount), passesToResolve: 2, ...rule },
    ...(overrides as object),
  })
}

const ADDED = 2_000 + TRAVEL_MS.worst + EVALUATION_MS.worst
const scheduled = ({ worstMs }: { worstMs: number }) => worstMs - ADDED

test.each([
  { everyMs: 60_000, regions: 5, rule: {}, everywhere: 24_000, oneRegion: 180_000 },
  { everyMs: 60_000, regions: 5, rule: { regionsMin: 1 }, everywhere: 12_000, oneRegion: 60_000 },
  { everyMs: 60_000, regions: 5, rule: { regionsMin: 5 }, everywhere: 60_000, oneRegion: 180_000 },
  { everyMs: 60_000, regions: 1, rule: {}, everywhere: 60_000, oneRegion: 60_000 },
  { everyMs: 60_000, regions: 1, rule: { regionsMin: 2 }, everywhere: 180_000, oneRegion: 180_000 },
  {
    everyMs: 60_000,
    regions: 5,
    rule: { failures: { count: 2, of: 5 } },
    everywhere: 24_000,
    oneRegion: 120_000,
  },
  {
    everyMs: 60_000,
    regions: 4,
    rule: { networks: { r1: 'a', r2: 'a', r3: 'a', r4: 'b' } },
    everywhere: 60_000,
    oneRegion: 180_000,
  },
])(
  '$everyMs ms in $regions regions, $rule',
  ({ everyMs, regions, rule, everywhere, oneRegion }) => {
    const found = detectionTime(checkWith(everyMs, regions, rule), { now: NOW })
    expect(found && scheduled(found.everywhere)).toBe(everywhere)
    expect(found && scheduled(found.oneRegion)).toBe(oneRegion)
  },
)

test.each([
  { everyMs: 60_000, regions: 3, looks: 20_000, is: 'one look, and the answer of another region' },
  { everyMs: 60_000, regions: 5, looks: 12_000, is: 'the same' },
])('asked at once, $everyMs ms in $regions regions are $is', ({ everyMs, regions, looks }) => {
  const found = detectionTime(checkWith(everyMs, regions), { typicalRunMs: 100, now: NOW })
  expect(found?.confirmedAtOnce?.worstMs).toBeCloseTo(looks + 2 * ADDED + 2_000, -1)
  expect(found?.confirmedAtOnce?.expectedMs).toBeCloseTo(looks / 2 + 2 * 350 + 50, -1)
})

test('nobody is waited for where one region is enough, or none is left, or the grid is quicker', () => {
  const asked = (...args: Parameters<typeof checkWith>) =>
    detectionTime(checkWith(...args), { now: NOW })
  expect(asked(60_000, 3, { regionsMin: 1 })?.confirmedAtOnce).toBeUndefined()
  expect(asked(60_000, 1, { regionsMin: 2 })?.confirmedAtOnce).toBeUndefined()
  const often = asked(5_000, 5)
  expect(often?.confirmedAtOnce).toEqual(often?.everywhere)
})

test('retries are part of a run, as far as they fit before the next slot', () => {
  const retry = { on: 'any' as const, times: 3 }
  const time = (everyMs: number) =>
    detectionTime(checkWith(everyMs, 1, {}, { retry }), { now: NOW })?.everywhere.worstMs
  expect(time(60_000)).toBe(60_000 + 4 * 2_000 + 3_000)
  expect(time(5_000)).toBe(5_000 + 5_000 + 3_000)
})

test('a cron expression is as slow as its widest gap', () => {
  const schedule = { kind: 'cron' as const, expression: '0,10 * * * *', timeZone: 'UTC' }
  const found = detectionTime(checkWith(1, 3, {}, { schedule }), {
    now: at('2026-03-13T12:00:00Z'),
  })
  expect(found && scheduled(found.everywhere)).toBe(50 * 60_000)
  // 10 minutes of 60 wait 5 in the mean, 50 of 60 wait 25.
  expect(found?.everywhere.expectedMs).toBeCloseTo(((10 * 5 + 50 * 25) / 60) * 60_000 + 2_250, -5)
})

test('a job that calls by itself has its grace instead', () => {
  expect(detectionTime(aCheck('heartbeat'), { now: NOW })).toBeUndefined()
})

/** When the alert fires after a fault that begins at `faultAt`, or undefined. */
function simulate(
  check: CheckDefinition,
  faultAt: number,
  { failingIn, runMs }: { failingIn: readonly string[]; runMs: (slotAt: number) => number },
): number | undefined {
  const freshForMs = voteFreshForMs(check, slotPeriodMs(check, NOW))
  const periodMs = slotPeriodMs(check, NOW)
  const from = faultAt - 4 * periodMs
  const until = faultAt + 8 * periodMs
  const runs = check.regions.flatMap((regionId): RegionVote[] =>
    dueSlots(check, regionId, from, until).map((slotAt) => ({
      regionId,
      slotAt,
      startedAt: slotAt,
      runId: `${regionId}-${slotAt}`,
      durationMs: runMs(slotAt),
      receivedAt: slotAt + runMs(slotAt),
      verdict: slotAt >= faultAt && failingIn.includes(regionId) ? 'failed' : 'passed',
    })),
  )
  const { backMs } = voteReach(check, periodMs, freshForMs)
  const replay = { check, runs, freshForMs, backMs, from, until, state: { alert: anAlert() } }
  const { ended, state } = replayAlerts(replay)
  const fired = ended[0]?.firedAt ?? state.firing?.firedAt
  return fired === undefined ? undefined : fired - faultAt
}

const anyCheck = fc
  .record({
    everyMs: fc.constantFrom(5_000, 10_000, 60_000),
    regions: fc.integer({ min: 1, max: 5 }),
    regionsMin: fc.integer({ min: 1, max: 3 }),
    failuresToFire: fc.integer({ min: 1, max: 4 }),
    areGrouped: fc.boolean(),
    id: fc.integer({ min: 0, max: 9_999 }),
  })
  .map(({ everyMs, regions, regionsMin, failuresToFire, areGrouped, id }) =>
    checkWith(
      everyMs,
      regions,
      {
        regionsMin,
        failuresToFire,
        ...(areGrouped && { networks: { r1: 'a', r2: 'a', r3: 'b', r4: 'b', r5: 'c' } }),
      },
      { id: `check-${id}` },
    ),
  )

test('a fault at any instant is never detected later than the worst time', () => {
  const delay = fc.integer({ min: 0, max: 2_000 + TRAVEL_MS.worst })
  fc.assert(
    fc.property(
      anyCheck,
      fc.nat(60_000),
      fc.array(delay, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      (check, phase, delays, isRegional) => {
        const contract = detectionTime(check, { now: NOW })
        const faultAt = NOW + phase
        const failingIn = isRegional ? check.regions.slice(-1) : check.regions
        const took = simulate(check, faultAt, {
          failingIn,
          runMs: (slotAt) => delays[Math.abs(slotAt) % delays.length] ?? 0,
        })
        const promised = contract?.[isRegional ? 'oneRegion' : 'everywhere'].worstMs ?? 0
        expect(took).toBeDefined()
        // The replay decides at once; a coordinator takes up to a second.
        expect((took ?? Infinity) + EVALUATION_MS.worst).toBeLessThanOrEqual(promised)
      },
    ),
    { numRuns: 300 },
  )
})

test('the mean over all instants is the expected time', () => {
  const rows: Record<string, unknown>[] = []
  for (const everyMs of [10_000, 30_000, 60_000])
    for (const regionCount of [1, 3, 5]) {
      const check = checkWith(everyMs, regionCount)
      const contract = detectionTime(check, { typicalRunMs: 100, now: NOW })
      const steps = 120
      const times = Array.from({ length: steps }, (_, i) => {
        const faultAt = NOW + ((i + 0.5) * everyMs) / steps
        const runMs = () => 100 + TRAVEL_MS.expected + EVALUATION_MS.expected
        return simulate(check, faultAt, { failingIn: check.regions, runMs }) ?? Number.NaN
      })
      const mean = times.reduce((sum, time) => sum + time, 0) / steps
      const expected = contract?.everywhere.expectedMs ?? 0
      rows.push({
        everyMs,
        regionCount,
        simulatedMean: Math.round(mean),
        expected,
        simulatedWorst: Math.max(...times),
        worst: contract?.everywhere.worstMs,
      })
      expect(Math.abs(mean - expected)).toBeLessThan(everyMs / steps)
    }
  console.table(rows)
})
