import fc from 'fast-check'
import { expect, test } from 'vitest'
import { extraLooks } from '../../../../../src/domain/incident/verification/extra-looks.ts'
import { tightenRule } from '../../../../../src/domain/incident/verification/watch-rule.ts'
import type { AlertRule } from '../../../../../src/protocol/alert-rule.ts'
import { dueSlots } from '../../../../../src/protocol/schedule.ts'
import { aCheck, at } from '../../../../support/builders.ts'

const window = { withinMs: 600_000, forMs: 60_000, samplesMin: 10 }
const rule: AlertRule = {
  failuresToFire: 3,
  regionsMin: 2,
  passesToResolve: 2,
  failures: { count: 5, of: 10 },
  ratio: { above: 0.1, ...window },
  latency: { above: { kind: 'limit', ms: 2_000 }, percentile: 0.95, severity: 'SEV-2', ...window },
}

test('a rule that is watched by counts and waits for half as much, and says so', () => {
  const { rule: tight, changes } = tightenRule(rule, 800)
  expect(tight).toMatchObject({
    failuresToFire: 2,
    regionsMin: 2,
    passesToResolve: 2,
    failures: { count: 3, of: 10 },
    ratio: { above: 0.05, forMs: 30_000, withinMs: 600_000 },
    latency: { above: { kind: 'limit', ms: 1_400 }, forMs: 30_000 },
  })
  expect(changes).toEqual([
    'failures in a row 3 → 2',
    'failures 5 of 10 → 3 of 10',
    'failing share 10 % → 5 %',
    'held for 1 min → 30 s',
    'latency 2.0 s → 1.4 s',
    'latency held for 1 min → 30 s',
  ])
})

test.each([
  { usual: undefined, above: { kind: 'limit', ms: 2_000 }, becomes: { ms: 2_000 } },
  { usual: 2_500, above: { kind: 'limit', ms: 2_000 }, becomes: { ms: 2_000 } },
  { usual: 500, above: { kind: 'baseline', times: 3 }, becomes: { times: 2 } },
] as const)(
  'a latency above $above with $usual usual becomes $becomes',
  ({ usual, above, becomes }) => {
    const latency = { ...rule.latency, above } as NonNullable<AlertRule['latency']>
    expect(tightenRule({ ...rule, latency }, usual).rule.latency?.above).toMatchObject(becomes)
  },
)

test('no rule becomes laxer, whatever it is', () => {
  const count = fc.integer({ min: 1, max: 50 })
  fc.assert(
    fc.property(count, count, fc.double({ min: 0, max: 1, noNaN: true }), (row, some, above) => {
      const before = { ...rule, failuresToFire: row, failures: { count: some, of: 50 } }
      const tight = tightenRule({ ...before, ratio: { above, ...window } }, 100).rule
      expect(tight.failuresToFire).toBeGreaterThanOrEqual(1)
      expect(tight.failuresToFire).toBeLessThanOrEqual(row)
      expect(tight.failures?.count ?? 0).toBeGreaterThanOrEqual(1)
      expect(tight.failures?.count).toBeLessThanOrEqual(some)
      expect(tight.ratio?.above).toBeLessThanOrEqual(above)
    }),
  )
})

const noon = at('2026-03-13T12:00:00Z')

test('between two slots of a region it is looked at exactly once more, however often one asks', () => {
  const check = aCheck('http', { schedule: { kind: 'interval', everyMs: 60_000 } })
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1 }), (steps) => {
      const looks: { region: string; until: number }[] = []
      let asked = noon
      while (asked < noon + 10 * 60_000)
        for (const step of steps) {
          const until = asked + step
          for (const region of extraLooks(check, { after: asked, until }))
            looks.push({ region, until })
          asked = until
        }
      for (const region of check.regions) {
        const slots = dueSlots(check, region, noon, asked)
        const own = looks.filter((look) => look.region === region)
        for (const [index, slot] of slots.slice(0, -1).entries()) {
          const next = slots[index + 1] ?? 0
          const within = own.filter(({ until }) => until > slot + 25_000 && until <= next)
          expect(within).toHaveLength(1)
        }
      }
    }),
    { numRuns: 30 },
  )
})

test('jobs that call by themselves and checks of once a day get no further looks', () => {
  const span = { after: noon, until: noon + 86_400_000 }
  expect(extraLooks(aCheck('heartbeat'), span)).toEqual([])
  const daily = { kind: 'cron' as const, expression: '0 6 * * *', timeZone: 'UTC' }
  expect(extraLooks(aCheck('http', { schedule: daily }), span)).toEqual([])
})
