import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RegionVote } from '../../../../src/domain/alerting/condition.ts'
import { evaluateAlert, nextEvaluationAt } from '../../../../src/domain/alerting/evaluate-alert.ts'
import { replayAlerts } from '../../../../src/domain/alerting/replay-alerts.ts'
import { voteReach } from '../../../../src/domain/alerting/vote-reach.ts'
import type { AlertRule } from '../../../../src/protocol/alert-rule.ts'
import type { Firing } from '../../../../src/protocol/backtest.ts'
import { compareFirings } from '../../../../src/protocol/compare-firings.ts'
import { anAlert, FRESH_FOR_MS, NOW, PERIOD_MS, RULE } from './votes.ts'

const REGIONS = ['eu', 'us', 'ap']
const VERDICTS = { P: 'passed', F: 'failed', D: 'degraded', I: 'probe_fault' } as const

/** Runs of a story, the oldest first: one letter a slot and region. */
function storyRuns(story: readonly string[], delays: readonly number[]): RegionVote[] {
  return story.flatMap((slot, index) =>
    [...slot].flatMap((letter, place) => {
      const verdict = VERDICTS[letter as keyof typeof VERDICTS]
      const regionId = REGIONS[place]
      if (!verdict || !regionId) return []
      const slotAt = NOW + index * PERIOD_MS + place * 3_000
      const delayMs = delays[(index * 3 + place) % delays.length] ?? 200
      const runId = `${regionId}-${slotAt}`
      const receivedAt = slotAt + delayMs
      return [{ verdict, regionId, slotAt, runId, startedAt: slotAt, durationMs: 120, receivedAt }]
    }),
  )
}

/** What a coordinator does: it looks when a run comes in, and once a second whether a time is over. */
function live(rule: AlertRule, runs: readonly RegionVote[], until: number) {
  const check = { name: 'x', alert: rule, regions: REGIONS }
  const { backMs } = voteReach(check, PERIOD_MS, FRESH_FOR_MS)
  let alert = anAlert()
  let dueAt: number | undefined
  let lookedAt = NOW - 1
  const told: { kind: string; at: number }[] = []
  const seconds = Array.from(
    { length: Math.ceil((until - NOW) / 1_000) },
    (_, i) => NOW + i * 1_000,
  )
  const arrivals = runs.map(({ receivedAt = 0 }) => receivedAt).filter((at) => at < until)
  const looks = [...new Set([...seconds, ...arrivals])].sort((a, b) => a - b)
  for (const now of looks) {
    const isNew = runs.some(({ receivedAt = 0 }) => receivedAt > lookedAt && receivedAt <= now)
    if (!isNew && (dueAt === undefined || dueAt > now)) continue
    const votes = runs.filter(
      ({ receivedAt = 0, slotAt }) => receivedAt <= now && slotAt >= now - backMs,
    )
    const votesByRegion = Map.groupBy(votes, ({ regionId }) => regionId)
    const input = { check, alert, votesByRegion, freshForMs: FRESH_FOR_MS, now }
    const { kind, next } = evaluateAlert(input)
    dueAt = nextEvaluationAt(input, next)
    lookedAt = now
    alert = next
    if (kind === 'fire' || kind === 'resolve') told.push({ kind, at: now })
  }
  return told
}

function replay(
  rule: AlertRule,
  runs: readonly RegionVote[],
  cuts: readonly number[],
  until: number,
) {
  const check = { name: 'x', alert: rule, regions: REGIONS }
  const { backMs } = voteReach(check, PERIOD_MS, FRESH_FOR_MS)
  let state = { alert: anAlert() } as Parameters<typeof replayAlerts>[0]['state']
  const firings: Firing[] = []
  let from = NOW
  for (const end of [...cuts.filter((cut) => cut > NOW && cut < until), until]) {
    const piece = replayAlerts({
      check,
      runs: runs.filter(({ receivedAt = 0 }) => receivedAt < end),
      freshForMs: FRESH_FOR_MS,
      backMs,
      from,
      until: end,
      state,
    })
    firings.push(...piece.ended)
    state = piece.state
    from = end
  }
  return state.firing ? [...firings, state.firing] : firings
}

const anyStory = fc.array(
  fc.constantFrom('PPP', 'PPP', 'PPP', 'FFP', 'FPP', 'FFF', 'DDD', 'P..', '...', 'IPP'),
  { minLength: 1, maxLength: 40 },
)
const anyDelays = fc.array(fc.integer({ min: 50, max: 2_500 }), { minLength: 1, maxLength: 7 })
const anyRule = fc.constantFrom<AlertRule>(
  RULE,
  { ...RULE, failuresToFire: 1 },
  { ...RULE, regionsMin: 3, failures: { count: 2, of: 4 } },
  { ...RULE, degraded: { count: 2, of: 2, severity: 'SEV-3' } },
  { ...RULE, regionsMin: 3, ratio: { above: 0.2, withinMs: 60_000, forMs: 20_000, samplesMin: 6 } },
  { ...RULE, flapping: { changes: 4, withinMs: 600_000, quietForMs: 40_000 } },
)

test('playing the rule in force gives the alerts that really fired, when they did', () => {
  let fires = 0
  fc.assert(
    fc.property(anyStory, anyDelays, anyRule, (story, delays, rule) => {
      const runs = storyRuns(story, delays)
      const until = NOW + (story.length + 8) * PERIOD_MS
      const told = live(rule, runs, until)
      const firings = replay(rule, runs, [], until)
      const fired = told.filter(({ kind }) => kind === 'fire')
      const ended = told.filter(({ kind }) => kind === 'resolve')
      // A time that is over is seen up to a second later, and so is one that follows from it.
      const lagMs = rule.ratio || rule.flapping ? 2_000 : 1_000
      const blips = firings.filter(({ firedAt, endedAt = Infinity }) => endedAt - firedAt <= lagMs)
      const lasting = firings.filter((firing) => !blips.includes(firing))
      if (blips.length > 0) return
      expect(lasting).toHaveLength(fired.length)
      for (const [i, { firedAt, endedAt }] of lasting.entries()) {
        expect((fired[i]?.at ?? 0) - firedAt).toBeGreaterThanOrEqual(0)
        expect((fired[i]?.at ?? 0) - firedAt).toBeLessThanOrEqual(lagMs)
        if (endedAt !== undefined && ended[i]) {
          expect(ended[i].at - endedAt).toBeGreaterThanOrEqual(0)
          expect(ended[i].at - endedAt).toBeLessThanOrEqual(lagMs)
        }
      }
      fires += fired.length
    }),
    { numRuns: 200 },
  )
  expect(fires).toBeGreaterThan(50)
})

test('pieces of time give what the whole gives', () => {
  const anyCuts = fc
    .array(fc.integer({ min: 1, max: 400_000 }), { maxLength: 6 })
    .map((cuts) => cuts.map((cut) => NOW + cut).sort((a, b) => a - b))
  fc.assert(
    fc.property(anyStory, anyDelays, anyRule, anyCuts, (story, delays, rule, cuts) => {
      const runs = storyRuns(story, delays)
      const until = NOW + (story.length + 8) * PERIOD_MS
      expect(replay(rule, runs, [...new Set(cuts)], until)).toEqual(replay(rule, runs, [], until))
    }),
    { numRuns: 200 },
  )
})

const firing = (from: number, to?: number): Firing => ({
  firedAt: NOW + from + 20,
  badSince: NOW + from,
  ...(to !== undefined && { endedAt: NOW + to }),
  reason: 'failed',
  regions: ['eu'],
  isServed: false,
})
const MINUTE = 60_000
const incident = (from: number, to: number | undefined, overrides: object = {}) => ({
  id: 'INC-1',
  title: 'Shop: x fails',
  state: 'restored' as const,
  impactStartedAt: NOW + from,
  ...(to !== undefined && { recoveredAt: NOW + to }),
  findings: [{ checkId: 'x' } as never],
  ...overrides,
})

test.each([
  { incidents: [incident(0, 10 * MINUTE)], real: 1, missed: 0, why: 'it overlaps one that lasted' },
  { incidents: [incident(0, MINUTE)], real: 0, missed: 0, why: 'that one was a blip' },
  {
    incidents: [incident(0, MINUTE, { state: 'mitigating' })],
    real: 1,
    missed: 0,
    why: 'a person took that one on',
  },
  {
    incidents: [incident(0, 10 * MINUTE, { state: 'declined' })],
    real: 0,
    missed: 0,
    why: 'a person said that it was none',
  },
  { incidents: [incident(20 * MINUTE, 40 * MINUTE)], real: 0, missed: 1, why: 'that came later' },
  {
    incidents: [incident(20 * MINUTE, 40 * MINUTE, { findings: [{ checkId: 'y' }] })],
    real: 0,
    missed: 0,
    why: 'what another check saw is not missed',
  },
  { incidents: [], real: 0, missed: 0, why: 'none is on record' },
])('real and missed: $why', ({ incidents, real, missed }) => {
  const until = NOW + 60 * MINUTE
  const compared = compareFirings([firing(0, 5 * MINUTE)], incidents, { checkId: 'x', until })
  expect({ real: compared.real, false: compared.false, missed: compared.missed.length }).toEqual({
    real,
    false: 1 - real,
    missed,
  })
  expect(compared.firings[0]?.detectionMs).toBe(20)
})
