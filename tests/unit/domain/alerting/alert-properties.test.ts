import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluateAlert, nextEvaluationAt } from '../../../../src/domain/alerting/evaluate-alert.ts'
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

const REGIONS = ['eu', 'us', 'ap']

/** What one region may have seen; newest first. */
const PATTERNS = ['', 'F', 'FF', 'FFF', 'FP', 'P', 'PP', 'PF', 'IFF', 'D', '.....FFF']

function* everyPicture() {
  for (const eu of PATTERNS)
    for (const us of PATTERNS) for (const ap of PATTERNS) yield { eu, us, ap }
}

/** The rule once more, as plain as it can be said: looks at letters only. */
const seen = (pattern: string) => (pattern.startsWith('.....') ? '' : pattern.replaceAll('I', ''))

test('fires exactly when the rule says so, in every picture of three regions and every threshold', () => {
  const mismatches: unknown[] = []
  let pictures = 0
  for (const picture of everyPicture()) {
    const words = Object.values(picture).map(seen)
    const failing = words.filter((word) => word.startsWith('F')).length
    for (const regionsMin of [1, 2, 3])
      for (const failuresToFire of [1, 2, 3]) {
        const isRepeated = words.some((word) => word.startsWith('F'.repeat(failuresToFire)))
        const expected =
          failing >= regionsMin || isRepeated ? 'firing' : failing > 0 ? 'pending' : 'quiet'
        const { next } = evaluate(picture, { rule: { regionsMin, failuresToFire } })
        if (next.state !== expected)
          mismatches.push({ picture, regionsMin, failuresToFire, expected, was: next.state })
        pictures++
      }
  }
  expect(mismatches).toEqual([])
  expect(pictures).toBe(11 ** 3 * 9)
})

test('resolves exactly on proof of health, in every picture of three regions', () => {
  const mismatches: unknown[] = []
  const implications = [['eu'], ['us'], ['eu', 'ap'], ['eu', 'us', 'ap']]
  for (const picture of everyPicture())
    for (const implicated of implications)
      for (const regionsMin of [1, 2, 3, 4])
        for (const passesToResolve of [1, 2]) {
          const words = REGIONS.map((id) => seen(picture[id as 'eu']).replaceAll('D', 'P'))
          const isProven = (word: string) => word.startsWith('P'.repeat(passesToResolve))
          const doesResolve =
            words.every((word, i) =>
              word === '' ? !implicated.includes(REGIONS[i] ?? '') : isProven(word),
            ) && words.filter(isProven).length >= Math.min(3, regionsMin)
          const { kind } = evaluate(picture, {
            alert: firingIn(implicated),
            rule: { regionsMin, passesToResolve },
          })
          if ((kind === 'resolve') !== doesResolve)
            mismatches.push({ picture, implicated, regionsMin, passesToResolve, kind })
        }
  expect(mismatches).toEqual([])
})

const anyVotes = fc
  .array(fc.constantFrom('P', 'F', 'D', 'I', '.'), { maxLength: 12 })
  .map((letters) => letters.join(''))
const anyPicture = fc.record({ eu: anyVotes, us: anyVotes, ap: anyVotes })
const anyAlert = fc.constantFrom(
  anAlert(),
  anAlert({ state: 'pending', failing: ['us'] }),
  firingIn(['eu']),
  firingIn(['us', 'ap'], { scope: 'global' }),
)

test('the order in which runs arrive, and how often, changes no decision', () => {
  fc.assert(
    fc.property(anyPicture, anyAlert, fc.infiniteStream(fc.nat()), (picture, alert, random) => {
      const input = inputOf(picture, { alert })
      const shuffled = new Map(
        [...input.votesByRegion].map(([region, list]) => {
          const twice = [...list, ...list.filter(() => (random.next().value ?? 0) % 2 === 0)]
          const keyed = twice.map((vote) => ({ vote, key: random.next().value ?? 0 }))
          return [region, keyed.sort((a, b) => a.key - b.key).map(({ vote }) => vote)]
        }),
      )
      expect(evaluateAlert({ ...input, votesByRegion: shuffled })).toEqual(evaluateAlert(input))
    }),
    { numRuns: 500 },
  )
})

test('late runs never fire: they are history', () => {
  fc.assert(
    fc.property(anyPicture, fc.integer({ min: 1, max: 1_000 }), (picture, periods) => {
      const newestAt = NOW - FRESH_FOR_MS - periods
      const votesByRegion = new Map(
        Object.entries(picture).map(([region, text]) => [
          region,
          votes(text, { newestAt, region }),
        ]),
      )
      const { kind, next } = evaluateAlert({ ...inputOf(picture), votesByRegion })
      expect({ kind, state: next.state, unknown: next.unknown }).toEqual({
        kind: 'hold',
        state: 'quiet',
        unknown: REGIONS,
      })
    }),
  )
})

test('every decision keeps its promises, whatever the picture', () => {
  fc.assert(
    fc.property(anyPicture, anyAlert, (picture, alert) => {
      const decision = evaluate(picture, { alert })
      const { next, kind } = decision
      expect([...next.failing, ...next.healthy, ...next.unknown].sort()).toEqual(
        [...REGIONS].sort(),
      )
      expect(next.reason).not.toBe('')
      expect(kind === 'fire').toBe(alert.state !== 'firing' && next.state === 'firing')
      expect(kind === 'resolve').toBe(alert.state === 'firing' && next.state === 'quiet')
      expect(next.state === 'firing').toBe(decision.regions.length > 0)
      if (kind === 'resolve') expect(next.failing).toEqual([])
      // The same picture again is no news.
      if (next.state === 'firing')
        expect(evaluate(picture, { alert: next })).toMatchObject({ kind: 'hold' })
    }),
    { numRuns: 500 },
  )
})

test('between two evaluations that it asks for, time alone changes nothing', () => {
  fc.assert(
    fc.property(
      anyPicture,
      anyAlert,
      fc.integer({ min: 0, max: 100_000 }),
      (picture, alert, ms) => {
        const input = inputOf(picture, { alert })
        const due = nextEvaluationAt(input) ?? Infinity
        const later = Math.min(NOW + ms, due - 1)
        const before = evaluateAlert(input)
        const after = evaluateAlert({ ...input, now: later })
        expect({ ...after.next, since: 0 }).toEqual({ ...before.next, since: 0 })
        expect(after.kind).toBe(before.kind)
      },
    ),
    { numRuns: 300 },
  )
})

/** Plays slots one after the other and tells what the alert did. */
function play(slots: number, verdictOf: (region: string, slot: number) => string) {
  let alert = anAlert()
  const told: string[] = []
  const recent: Record<string, string> = { eu: '', us: '', ap: '' }
  for (let slot = 0; slot < slots; slot++) {
    for (const region of REGIONS)
      recent[region] = `${verdictOf(region, slot)}${recent[region]}`.slice(0, 8)
    const decision = evaluate(recent, { alert })
    if (decision.kind !== 'hold') told.push(decision.kind)
    alert = decision.next
  }
  return told
}

test('a region that flaps by itself never fires', () => {
  const told = play(1_000, (region, slot) => (region === 'eu' && slot % 2 === 0 ? 'F' : 'P'))
  expect(told).toEqual([])
})

test('a target that flaps everywhere fires once, and does not resolve between', () => {
  expect(play(1_000, (_, slot) => (slot % 2 === 0 ? 'F' : 'P'))).toEqual(['fire'])
})

test('flapping slower than the proof of health fires and resolves once each time', () => {
  const told = play(400, (_, slot) => (slot % 8 < 4 ? 'F' : 'P'))
  expect(told).toEqual(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 'fire' : 'resolve')))
})

test('fires and resolves alternate, however regions flap', () => {
  const verdicts = fc.array(
    fc.constantFrom('FFF', 'PPP', 'FPP', 'PFP', 'IFP', 'FF.', 'PP.', '...'),
    {
      minLength: 1,
      maxLength: 80,
    },
  )
  fc.assert(
    fc.property(verdicts, (slots) => {
      const told = play(
        slots.length,
        (region, slot) => slots[slot]?.[REGIONS.indexOf(region)] ?? '.',
      )
      const ends = told.filter((kind) => kind !== 'update')
      expect(ends.every((kind, i) => kind === (i % 2 === 0 ? 'fire' : 'resolve'))).toBe(true)
    }),
  )
})

test('a row of failures longer than votes are fresh still fires', () => {
  const runs = { eu: 'F'.repeat(20), us: 'P', ap: 'P' }
  expect(20 * PERIOD_MS).toBeGreaterThan(FRESH_FOR_MS)
  expect(evaluate(runs, { rule: { failuresToFire: 20 } }).kind).toBe('fire')
})
