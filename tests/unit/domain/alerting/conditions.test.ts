import { expect, test } from 'vitest'
import { baselineHours, baselineOf } from '../../../../src/domain/alerting/baseline.ts'
import { evaluateAlert } from '../../../../src/domain/alerting/evaluate-alert.ts'
import type { Vote } from '../../../../src/domain/alerting/judge-region.ts'
import { voteReach } from '../../../../src/domain/alerting/vote-reach.ts'
import type { AlertRule } from '../../../../src/protocol/alert-rule.ts'
import { at } from '../../../support/builders.ts'
import { evaluate, FRESH_FOR_MS, firingIn, inputOf, NOW, PERIOD_MS, RULE, votes } from './votes.ts'

// Written newest first, as everywhere here.

const NEVER_BY_ITSELF: Partial<AlertRule> = { failuresToFire: 50, regionsMin: 3 }

const conditionOf = (decision: ReturnType<typeof evaluate>, name: string) =>
  decision.next.conditions?.find((condition) => condition.name === name)

test.each([
  { runs: 'FPFPF', rule: { count: 3, of: 5 }, fires: true },
  { runs: 'PFFPF', rule: { count: 3, of: 5 }, fires: true },
  { runs: 'PFFPP', rule: { count: 3, of: 5 }, fires: false },
  { runs: 'PPFFF', rule: { count: 3, of: 4 }, fires: false },
  { runs: 'FIFIF', rule: { count: 3, of: 3 }, fires: true },
  { runs: 'DFDFD', rule: { count: 3, of: 5 }, fires: false },
  { runs: 'F......FF', rule: { count: 3, of: 5 }, fires: false },
  { runs: '......FFF', rule: { count: 1, of: 5 }, fires: false },
])('$rule.count of $rule.of failures in $runs: $fires', ({ runs, rule, fires }) => {
  const decision = evaluate(
    { eu: runs, us: 'PPPPP', ap: 'PPPPP' },
    {
      rule: { ...NEVER_BY_ITSELF, failures: rule },
    },
  )
  expect(decision.next.state === 'firing').toBe(fires)
  if (!fires) return
  expect(decision).toMatchObject({
    regions: ['eu'],
    next: { firedBy: ['failures'], scope: 'regional' },
  })
  expect(decision.evidence).toHaveLength(1)
  expect(decision.next.reason).toMatch(/^3 of the last \d runs in eu failed$/)
})

test.each([
  { runs: 'DDD', gives: 'firing', why: 'three in a row' },
  { runs: 'DFD', gives: 'firing', why: 'a failure is at least as bad' },
  { runs: 'DDP', gives: 'quiet', why: 'two are not three' },
  { runs: 'PDD', gives: 'quiet', why: 'it passes' },
])('degraded runs are counted by themselves: $why', ({ runs, gives }) => {
  const rule = { ...NEVER_BY_ITSELF, degraded: { count: 3, of: 3, severity: 'SEV-3' as const } }
  const decision = evaluate({ eu: runs, us: 'PPP' }, { rule })
  expect(decision.next.state).toBe(gives)
  if (gives === 'firing')
    expect(decision).toMatchObject({ severity: 'SEV-3', isServed: true, regions: ['eu'] })
})

test('degraded ends on proof that it is not, which a degraded run is not', () => {
  const rule = {
    ...NEVER_BY_ITSELF,
    regionsMin: 1,
    degraded: { count: 2, of: 2, severity: 'SEV-3' as const },
  }
  const fired = evaluate({ eu: 'DD' }, { rule })
  const after = (runs: string) => evaluate({ eu: runs }, { rule, alert: fired.next })
  expect(after('PDD')).toMatchObject({ kind: 'hold', next: { state: 'firing' } })
  expect(after('DPDD')).toMatchObject({ kind: 'hold', next: { state: 'firing' } })
  expect(after('')).toMatchObject({ kind: 'hold', next: { state: 'firing' } })
  expect(after('PPDD')).toMatchObject({ kind: 'resolve' })
})

test('what is degraded and then fails becomes graver, and the severity rules decide', () => {
  const rule: Partial<AlertRule> = { degraded: { count: 2, of: 2, severity: 'SEV-3' } }
  const fired = evaluate({ eu: 'DD', us: 'DD' }, { rule })
  expect(fired).toMatchObject({ kind: 'fire', severity: 'SEV-3', isServed: true })
  const graver = evaluate({ eu: 'FDD', us: 'FDD' }, { rule, alert: fired.next })
  expect(graver).toMatchObject({ kind: 'update', widened: true, isServed: false })
  expect(graver.severity).toBeUndefined()
})

test.each([
  { rule: { regionsMin: 2 }, fires: true, why: 'without networks, two regions are two' },
  {
    rule: { regionsMin: 2, networks: { 'eu-1': 'acme', 'eu-2': 'acme', us: 'other' } },
    fires: false,
    why: 'two regions of one network are one voice',
  },
  {
    rule: { regionsMin: 2, networks: { 'eu-1': 'acme', 'eu-2': 'other', us: 'other' } },
    fires: true,
    why: 'two networks are two voices',
  },
])('$why', ({ rule, fires }) => {
  const decision = evaluate({ 'eu-1': 'F', 'eu-2': 'F', us: 'P' }, { rule })
  expect(decision.next.state).toBe(fires ? 'firing' : 'pending')
  if (!fires) expect(decision.next.reason).toContain('one network, which counts once')
})

test('when all regions of one provider are silent, the others decide and nothing is thought healthy', () => {
  const networks = { 'eu-1': 'acme', 'eu-2': 'acme', us: 'other', ap: 'third' }
  const rule = { regionsMin: 2, networks }
  const silent = { 'eu-1': '', 'eu-2': '' }
  expect(evaluate({ ...silent, us: 'P', ap: 'P' }, { rule }).next.state).toBe('quiet')
  expect(evaluate({ ...silent, us: 'F', ap: 'P' }, { rule }).next.state).toBe('pending')
  expect(evaluate({ ...silent, us: 'F', ap: 'F' }, { rule }).next.state).toBe('firing')
  const alert = firingIn(['eu-1', 'eu-2'])
  expect(evaluate({ ...silent, us: 'PP', ap: 'PP' }, { rule, alert })).toMatchObject({
    kind: 'hold',
    next: { state: 'firing', unknown: ['eu-1', 'eu-2'] },
  })
})

/** A picture of `count` runs a region, the newest at `newestAt`, of which every `n`th is bad. */
const every = (n: number, count: number, letter = 'F') =>
  Array.from({ length: count }, (_, i) => (i % n === 1 ? letter : 'P')).join('')

const RATIO = { above: 0.05, withinMs: 600_000, forMs: 180_000, samplesMin: 20 }

test.each([
  { runs: every(5, 80), state: 'fires', why: 'a fifth failed for thirteen minutes' },
  { runs: every(30, 80), state: 'healthy', why: 'one in thirty is below the limit' },
  { runs: `${every(2, 12)}${'P'.repeat(60)}`, state: 'pending', why: 'not for three minutes yet' },
  { runs: every(5, 15), state: 'unproven', why: 'fifteen runs are too few' },
  { runs: `......${every(5, 80)}`, state: 'unproven', why: 'no fresh run' },
])('ratio: $state, because $why', ({ runs, state }) => {
  const decision = evaluate(
    { eu: runs },
    {
      rule: { ...NEVER_BY_ITSELF, regionsMin: 1, failuresToFire: 2, ratio: RATIO },
    },
  )
  expect(conditionOf(decision, 'ratio')?.state).toBe(state)
  if (state === 'fires') {
    expect(decision.next.firedBy).toContain('ratio')
    expect(decision.next.reason).toBe(
      '20% of the runs of the last 10m failed (12 of 60); the limit is 5%, for 3m and longer',
    )
    expect(decision.evidence[0]?.vote.verdict).toBe('failed')
  }
})

test('a ratio ends by a window that is proven good, never by an empty one', () => {
  const rule = { ...NEVER_BY_ITSELF, regionsMin: 1, ratio: { ...RATIO, forMs: 0 } }
  const fired = evaluate({ eu: every(5, 60) }, { rule })
  expect(fired.kind).toBe('fire')
  const after = (runs: string) => evaluate({ eu: runs }, { rule, alert: fired.next }).kind
  expect(after(every(5, 60))).toBe('hold')
  expect(after('P'.repeat(10))).toBe('hold')
  expect(after('')).toBe('hold')
  expect(after('P'.repeat(60))).toBe('resolve')
})

/** As many runs as durations, the newest first, in one region. */
const lasting = (durations: readonly number[], overrides: Partial<Vote> = {}) =>
  votes('P'.repeat(durations.length), { region: 'eu' }).map((vote, index) => ({
    ...vote,
    durationMs: durations[index] ?? 0,
    ...overrides,
  }))

const LATENCY = {
  above: { kind: 'limit' as const, ms: 2_000 },
  percentile: 0.95,
  withinMs: 600_000,
  forMs: 0,
  samplesMin: 20,
  severity: 'SEV-2' as const,
}
const slow = (count: number, of = 60) =>
  Array.from({ length: of }, (_, i) => (i < count ? 3_000 : 200))

function judgeLatency(
  list: Vote[],
  rule: Partial<typeof LATENCY> | object = {},
  baselineMs?: number,
) {
  return evaluateAlert({
    ...inputOf({ eu: '' }, { rule: { ...NEVER_BY_ITSELF, latency: { ...LATENCY, ...rule } } }),
    votesByRegion: new Map([['eu', list]]),
    baselineMs,
  })
}

test('latency: the percentile decides, and the rule states the severity', () => {
  expect(judgeLatency(lasting(slow(3))).next.state).toBe('quiet')
  const fired = judgeLatency(lasting(slow(4)))
  expect(fired).toMatchObject({ kind: 'fire', severity: 'SEV-2', isServed: true, regions: ['eu'] })
  expect(fired.next.reason).toBe('p95 of the last 10m is 3.0 s (60 runs); the limit is 2.0 s')
})

test('latency: times that are the probe’s, and times of failures, say nothing of the target', () => {
  const flagged = judgeLatency(lasting(slow(60), { isFlagged: true }))
  expect(conditionOf(flagged, 'latency')?.reason).toMatch(/^0 runs .* too few/)
})

const BASELINE = { above: { kind: 'baseline', times: 5 } }

test('latency: a baseline that nobody knows fires nothing, and says so', () => {
  const unknown = judgeLatency(lasting(slow(60)), BASELINE)
  expect(unknown.next.state).toBe('quiet')
  expect(conditionOf(unknown, 'latency')).toMatchObject({
    state: 'unproven',
    reason: expect.stringContaining('not known yet'),
  })
  expect(judgeLatency(lasting(slow(60)), BASELINE, 400).next.reason).toContain(
    'the limit is 2.0 s, 5 times what is usual at this hour of the week',
  )
  expect(judgeLatency(lasting(slow(60)), BASELINE, 700).next.state).toBe('quiet')
})

test('a baseline is of the same hour of four weeks, and too few runs make none', () => {
  expect(
    baselineHours(at('2026-03-13T15:42:00Z')).map((hour) => new Date(hour).toISOString()),
  ).toEqual([
    '2026-03-06T15:00:00.000Z',
    '2026-02-27T15:00:00.000Z',
    '2026-02-20T15:00:00.000Z',
    '2026-02-13T15:00:00.000Z',
  ])
  const rule = { percentile: 0.5, samplesMin: 3 }
  expect(baselineOf([5, 1], rule)).toBeUndefined()
  expect(baselineOf([5, 1, 3], rule)).toBe(3)
})

test('runs that came too late are in no window', () => {
  const rule = { ...NEVER_BY_ITSELF, ratio: { ...RATIO, forMs: 0 } }
  const judge = (receivedAfterMs: number) => {
    const late = votes('F'.repeat(60), { region: 'eu' }).map((vote, index) =>
      index === 0
        ? { ...vote, verdict: 'passed' as const }
        : { ...vote, receivedAt: vote.slotAt + receivedAfterMs },
    )
    return evaluateAlert({
      ...inputOf({ eu: '' }, { rule }),
      votesByRegion: new Map([['eu', late]]),
    })
  }
  expect(judge(FRESH_FOR_MS).kind).toBe('fire')
  expect(judge(FRESH_FOR_MS + 1)).toMatchObject({ kind: 'hold', next: { state: 'quiet' } })
})

test.each([
  { runs: { eu: 'P', us: '' }, silent: false, why: 'one region tells' },
  { runs: { eu: 'I', us: 'I' }, silent: true, why: 'faults of probes say nothing of it' },
  { runs: { eu: '', us: '' }, silent: true, why: 'nobody tells' },
])('no data: $why', ({ runs, silent }) => {
  const rule: Partial<AlertRule> = { noData: { afterMs: 60_000, severity: 'SEV-3' } }
  const decision = evaluate(runs, { rule, listeningSince: NOW - 3_600_000 })
  expect(decision.next.noData !== undefined).toBe(silent)
  expect(decision.next.state).toBe('quiet')
})

test('no data: a coordinator that has just begun to listen blames nobody', () => {
  const rule: Partial<AlertRule> = { noData: { afterMs: 60_000, severity: 'SEV-3' } }
  expect(evaluate({ eu: '' }, { rule, listeningSince: NOW - 60_000 }).next.noData).toBeUndefined()
  expect(evaluate({ eu: '' }, { rule, listeningSince: NOW - 60_001 }).next.noData).toBeDefined()
})

test('the severity is stated only where all that fired states one', () => {
  const degraded = { count: 2, of: 2, severity: 'SEV-3' as const }
  const picture = { eu: 'FF', us: 'FF' }
  expect(evaluate(picture, { rule: { degraded } }).severity).toBeUndefined()
  expect(evaluate(picture, { rule: { degraded, severity: 'SEV-2' } }).severity).toBe('SEV-2')
  expect(evaluate({ eu: 'DD', us: 'P' }, { rule: { degraded, severity: 'SEV-2' } }).severity).toBe(
    'SEV-3',
  )
})

test('a rule reads as far back as it looks, and no further', () => {
  const reach = (rule: Partial<AlertRule>) =>
    voteReach({ alert: { ...RULE, ...rule }, regions: ['eu', 'us'] }, PERIOD_MS, FRESH_FOR_MS)
  expect(reach({})).toEqual({ backMs: FRESH_FOR_MS + 4 * PERIOD_MS, votesMax: 500 })
  expect(reach({ ratio: { ...RATIO, withinMs: 3_600_000 } })).toEqual({
    backMs: 3_780_000,
    votesMax: 1_134,
  })
})
