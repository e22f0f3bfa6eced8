import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AlertInput } from '../../../../src/domain/alerting/alert-decision.ts'
import { evaluateAlert, nextEvaluationAt } from '../../../../src/domain/alerting/evaluate-alert.ts'
import type { AlertRule } from '../../../../src/protocol/alert-rule.ts'
import {
  anAlert,
  evaluate,
  FRESH_FOR_MS,
  firingIn,
  inputOf,
  NOW,
  PERIOD_MS,
  votes,
} from './votes.ts'

const REGIONS = ['r1', 'r2', 'r3', 'r4', 'r5']

test('quorum: every set of failing regions × every threshold × every grouping into networks', () => {
  const mismatches: unknown[] = []
  const fired: Record<string, number> = {}
  const groupings: (Record<string, string> | undefined)[] = [
    undefined,
    { r1: 'a', r2: 'a', r3: 'b', r4: 'b', r5: 'c' },
    { r1: 'a', r2: 'a', r3: 'a', r4: 'a', r5: 'b' },
  ]
  for (let set = 0; set < 2 ** REGIONS.length; set++)
    for (const [grouping, networks] of groupings.entries())
      for (let regionsMin = 1; regionsMin <= 5; regionsMin++) {
        const failing = REGIONS.filter((_, i) => (set >> i) & 1)
        const picture = Object.fromEntries(
          REGIONS.map((id) => [id, failing.includes(id) ? 'FP' : 'PP']),
        )
        const voices = new Set(failing.map((id) => networks?.[id] ?? id)).size
        const expected = voices >= regionsMin ? 'firing' : failing.length > 0 ? 'pending' : 'quiet'
        const rule = { regionsMin, ...(networks && { networks }) }
        const { next } = evaluate(picture, { rule })
        if (next.state !== expected) mismatches.push({ failing, regionsMin, grouping, next })
        const name = `grouping ${grouping}, ${regionsMin} must fail`
        fired[name] = (fired[name] ?? 0) + (next.state === 'firing' ? 1 : 0)
      }
  expect(mismatches).toEqual([])
  console.log('of 32 sets of failing regions these fire:', fired)
  // Counted by hand: at least two of five; at least two of the groups {1,2} {3,4} {5}.
  expect(fired['grouping 0, 2 must fail']).toBe(32 - 1 - 5)
  expect(fired['grouping 1, 2 must fail']).toBe(32 - 1 - 3 - 3 - 1)
})

const windows = fc.record(
  {
    ratio: fc.record({
      above: fc.constantFrom(0, 0.05, 0.5),
      withinMs: fc.constantFrom(30_000, 120_000),
      forMs: fc.constantFrom(0, 20_000, 60_000),
      samplesMin: fc.integer({ min: 2, max: 10 }),
    }),
    latency: fc.record({
      above: fc.constant({ kind: 'limit' as const, ms: 100 }),
      percentile: fc.constantFrom(0.5, 0.95),
      withinMs: fc.constantFrom(30_000, 120_000),
      forMs: fc.constantFrom(0, 20_000),
      samplesMin: fc.integer({ min: 2, max: 10 }),
      severity: fc.constant('SEV-3' as const),
    }),
    failures: fc.constantFrom({ count: 2, of: 4 }, { count: 3, of: 3 }),
    degraded: fc.constantFrom(
      { count: 2, of: 3, severity: 'SEV-3' as const },
      { count: 1, of: 1, severity: 'SEV-4' as const },
    ),
    networks: fc.constant({ eu: 'acme', us: 'acme', ap: 'other' }),
    noData: fc.constant({ afterMs: 60_000, severity: 'SEV-3' as const }),
    flapping: fc.constant({ changes: 4, withinMs: 3_600_000, quietForMs: 60_000 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Partial<AlertRule>>

const anyVotes = fc
  .array(fc.constantFrom('P', 'F', 'D', 'I', '.'), { maxLength: 15 })
  .map((letters) => letters.join(''))
/** Mostly passes: among votes by mere chance hardly any picture is one of health. */
const healthyVotes = fc
  .array(fc.constantFrom(...'PPPPPPPPPPPPPPPPPPPPFDI.'), { minLength: 2, maxLength: 15 })
  .map((letters) => letters.join(''))
const pictureOf = (region: fc.Arbitrary<string>) =>
  fc.record({ eu: region, us: region, ap: region })
const anyPicture = fc.oneof(pictureOf(anyVotes), pictureOf(healthyVotes))
const anyAlert = fc.constantFrom(
  anAlert(),
  anAlert({ state: 'pending', failing: ['us'] }),
  anAlert({ changes: [NOW - 30_000, NOW - 20_000, NOW - 10_000] }),
  firingIn(['eu']),
  firingIn(['eu', 'ap'], { firedBy: ['ratio', 'degraded'] }),
  firingIn(['us'], {
    firedBy: ['failures'],
    changes: [NOW - 30_000, NOW - 20_000, NOW - 10_000],
    flapping: { since: NOW - 10_000, lastBadAt: NOW - 70_000 },
  }),
)

test('whatever the rule: order and repetition of runs change no decision', () => {
  fc.assert(
    fc.property(
      anyPicture,
      anyAlert,
      windows,
      fc.infiniteStream(fc.nat()),
      (picture, alert, rule, random) => {
        const input = inputOf(picture, { alert, rule })
        const draw = () => random.next().value ?? 0
        const shuffled = new Map(
          [...input.votesByRegion].map(([region, list]) => {
            const twice = [...list, ...list.filter(() => draw() % 2 === 0)]
            const keyed = twice.map((vote) => ({ vote, key: draw() }))
            return [region, keyed.sort((a, b) => a.key - b.key).map(({ vote }) => vote)]
          }),
        )
        expect(evaluateAlert({ ...input, votesByRegion: shuffled })).toEqual(evaluateAlert(input))
      },
    ),
    { numRuns: 400 },
  )
})

test('whatever the rule: late runs never fire', () => {
  fc.assert(
    fc.property(
      anyPicture,
      windows,
      fc.integer({ min: 1, max: 1_000_000 }),
      (picture, rule, lateBy) => {
        const votesByRegion = new Map(
          Object.entries(picture).map(([region, text]) => [
            region,
            votes(text, { newestAt: NOW - FRESH_FOR_MS - lateBy, region }).map((vote) => ({
              ...vote,
              receivedAt: NOW,
            })),
          ]),
        )
        const { kind, next } = evaluateAlert({ ...inputOf(picture, { rule }), votesByRegion })
        expect(kind).toBe('hold')
        expect(next.state).not.toBe('firing')
      },
    ),
    { numRuns: 400 },
  )
})

test('whatever the rule: an alert ends on proof alone, and never while a condition fires', () => {
  let ends = 0
  fc.assert(
    fc.property(anyPicture, anyAlert, windows, (picture, alert, rule) => {
      const decision = evaluate(picture, { alert, rule })
      expect(decision.next.reason).not.toBe('')
      expect(decision.next.state === 'firing').toBe(decision.regions.length > 0)
      if (decision.kind === 'fire') expect(decision.evidence).not.toEqual([])
      if (decision.kind !== 'resolve') return
      ends++
      expect(decision.next.conditions?.filter(({ state }) => state === 'fires')).toEqual([])
      expect(decision.next.failing).toEqual([])
      for (const region of alert.implicated ?? []) expect(decision.next.healthy).toContain(region)
    }),
    { numRuns: 1_000 },
  )
  expect(ends).toBeGreaterThan(0)
})

test('whatever the rule: between two evaluations that it asks for, time alone changes nothing', () => {
  fc.assert(
    fc.property(anyPicture, anyAlert, windows, fc.nat(200_000), (picture, alert, rule, ms) => {
      const input: AlertInput = {
        ...inputOf(picture, { alert, rule }),
        listeningSince: NOW - 40_000,
      }
      const before = evaluateAlert(input)
      const due = nextEvaluationAt(input, before.next) ?? Infinity
      const next = { ...input, alert: before.next }
      const later = evaluateAlert({ ...next, now: Math.min(NOW + ms, due - 1) })
      const told = ({
        state,
        scope,
        implicated,
        noData,
        flapping,
        firedBy,
      }: typeof later.next) => ({
        state,
        scope,
        implicated,
        noData: noData !== undefined,
        flapping: flapping?.since,
        firedBy,
      })
      expect(told(later.next)).toEqual(told(before.next))
      expect(later.kind).toBe('hold')
    }),
    { numRuns: 500 },
  )
})

test.each([
  { skewMs: -600_000, state: 'pending', unknown: ['eu'], why: 'its votes are of another time' },
  { skewMs: -10_000, state: 'firing', unknown: [], why: 'a little off is believed' },
  { skewMs: 10_000, state: 'firing', unknown: [], why: 'a little ahead is believed' },
  { skewMs: 600_000, state: 'pending', unknown: ['eu'], why: 'nobody measures the future' },
])(
  'a probe whose clock is off by $skewMs ms: $state, because $why',
  ({ skewMs, state, unknown }) => {
    const votesByRegion = new Map([
      ['eu', votes('FFFFFFFF', { region: 'eu', newestAt: NOW - 1_000 + skewMs })],
      ['us', votes('PPP', { region: 'us' })],
      ['ap', votes('F', { region: 'ap' })],
    ])
    const rule = { failuresToFire: 20, regionsMin: 2 }
    const { next } = evaluateAlert({
      ...inputOf({ eu: '', us: '', ap: '' }, { rule }),
      votesByRegion,
    })
    expect(next).toMatchObject({ state, unknown })
  },
)

/** Plays slots one after the other: bad for `badSlots` of every `periodSlots`. */
function flap(slots: number, periodSlots: number, flapping: AlertRule['flapping']) {
  let alert = anAlert()
  const told = { fire: 0, resolve: 0, update: 0, hold: 0 }
  let flappingSlots = 0
  const recent = { eu: '', us: '' }
  for (let slot = 0; slot < slots; slot++) {
    const now = NOW + slot * PERIOD_MS
    const letter = slot % periodSlots < periodSlots / 2 ? 'F' : 'P'
    for (const region of ['eu', 'us'] as const)
      recent[region] = `${letter}${recent[region]}`.slice(0, 12)
    const input = inputOf(recent, { alert, rule: flapping ? { flapping } : {} })
    const votesByRegion = new Map(
      Object.entries(recent).map(([region, text]) => [
        region,
        votes(text, { newestAt: now - 1_000, region }),
      ]),
    )
    const decision = evaluateAlert({ ...input, votesByRegion, now })
    told[decision.kind]++
    if (decision.next.flapping) flappingSlots++
    alert = decision.next
  }
  return { ...told, flappingSlots, endsAs: alert.state }
}

test('flapping at half, once and twice the hysteresis', () => {
  // The quiet time is 12 slots, so one that is good for 6, 12 or 24 slots in turn.
  const rule = { changes: 4, withinMs: 3_600_000, quietForMs: 12 * PERIOD_MS }
  const counts = Object.fromEntries(
    [0.5, 1, 2].map((times) => [`${times}×`, flap(960, 2 * 12 * times, rule)]),
  )
  const without = Object.fromEntries(
    [0.5, 1, 2].map((times) => [`${times}×`, flap(960, 2 * 12 * times, undefined)]),
  )
  console.log('960 slots, with hysteresis:', counts, 'without:', without)
  // Faster than the quiet time: it fires twice, is flapping with the fourth change, and stays on.
  expect(counts['0.5×']).toMatchObject({ fire: 2, resolve: 1 })
  // As fast: the proof takes two slots of the twelve, so the quiet time is never reached.
  expect(counts['1×']).toMatchObject({ fire: 2, resolve: 1 })
  // Slower: each quiet time ends it.
  expect(counts['2×']?.resolve).toBeGreaterThan(8)
  expect(without['0.5×']).toMatchObject({ fire: 80, resolve: 80 })
})

test('a flapping alert says so, and ends after a quiet time without anything wrong', () => {
  const flapping = { changes: 4, withinMs: 3_600_000, quietForMs: 60_000 }
  const rule = { flapping }
  const changes = [NOW - 300_000, NOW - 200_000, NOW - 100_000]
  const alert = firingIn(['eu', 'us'], { changes })
  const healthy = { eu: 'PP', us: 'PP' }
  const first = evaluate(healthy, { rule, alert })
  expect(first).toMatchObject({
    kind: 'update',
    next: { state: 'firing', flapping: { since: NOW } },
  })
  expect(first.next.reason).toContain('4 times within 1h: flapping')
  const input = inputOf(healthy, { rule, alert: first.next })
  expect(nextEvaluationAt(input, first.next)).toBeLessThanOrEqual(NOW + 60_000)
  const again = { eu: 'PPPPPPPP', us: 'PPPPPPPP' }
  const later = (now: number) => {
    const votesByRegion = new Map(
      Object.entries(again).map(([region, text]) => [
        region,
        votes(text, { region, newestAt: now - 1_000 }),
      ]),
    )
    return evaluateAlert({ ...input, votesByRegion, now })
  }
  expect(later(NOW + 59_999).kind).toBe('hold')
  expect(later(NOW + 60_000)).toMatchObject({ kind: 'resolve', next: { state: 'quiet' } })
})
