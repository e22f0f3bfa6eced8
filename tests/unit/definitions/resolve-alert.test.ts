import { expect, test } from 'vitest'
import { resolveAlert } from '../../../src/definitions/resolve-alert.ts'
import { AlertRule } from '../../../src/protocol/alert-rule.ts'
import { WrittenAlertRule } from '../../../src/protocol/written-alert.ts'

const REGIONS = [
  { id: 'eu-1', provider: 'acme' },
  { id: 'eu-2', provider: 'acme' },
  { id: 'us-1' },
  { id: 'ap-1' },
]
const resolve = (written: object) => resolveAlert(WrittenAlertRule.parse(written), REGIONS)

const USUAL = {
  failuresToFire: 3,
  regionsMin: 2,
  passesToResolve: 2,
  flapping: { changes: 6, withinMs: 3_600_000, quietForMs: 900_000 },
}

test.each([
  { written: {}, adds: {} },
  { written: { regions: 3 }, adds: { regionsMin: 3 } },
  { written: { regions: '50%' }, adds: { regionsMin: 2 } },
  { written: { regions: '51%' }, adds: { regionsMin: 3 } },
  { written: { regions: '1%' }, adds: { regionsMin: 1 } },
  {
    written: { regions: '100%', independent: true },
    adds: {
      regionsMin: 3,
      networks: { 'eu-1': 'acme', 'eu-2': 'acme', 'us-1': 'us-1', 'ap-1': 'ap-1' },
    },
  },
  { written: { failures: { count: 3, of: 5 } }, adds: { failures: { count: 3, of: 5 } } },
  { written: { failures: 'never' }, adds: {} },
  {
    written: {
      ratio: { above: '5%', within: '10m', for: '3m', samplesMin: 20, severity: 'SEV-2' },
    },
    adds: {
      ratio: { above: 0.05, withinMs: 600_000, forMs: 180_000, samplesMin: 20, severity: 'SEV-2' },
    },
  },
  {
    written: { latency: { above: '2s' } },
    adds: {
      latency: {
        above: { kind: 'limit', ms: 2_000 },
        percentile: 0.95,
        withinMs: 600_000,
        forMs: 0,
        samplesMin: 20,
        severity: 'SEV-3',
      },
    },
  },
  {
    written: { latency: { above: '5x baseline', percentile: 'p99', for: '5m' } },
    adds: {
      latency: {
        above: { kind: 'baseline', times: 5 },
        percentile: 0.99,
        withinMs: 600_000,
        forMs: 300_000,
        samplesMin: 20,
        severity: 'SEV-3',
      },
    },
  },
  {
    written: { degraded: { count: 3, of: 3 } },
    adds: { degraded: { count: 3, of: 3, severity: 'SEV-3' } },
  },
  {
    written: { noData: { after: '5m' } },
    adds: { noData: { afterMs: 300_000, severity: 'SEV-3' } },
  },
  {
    written: { flapping: { changes: 4 } },
    adds: { flapping: { changes: 4, withinMs: 3_600_000, quietForMs: 900_000 } },
  },
  { written: { severity: 'SEV-2' }, adds: { severity: 'SEV-2' } },
])('$written', ({ written, adds }) => {
  const rule = resolve(written)
  expect(rule).toEqual({ ...USUAL, ...adds })
  expect(AlertRule.parse(rule)).toEqual(rule)
})

test('never takes the hysteresis away', () => {
  expect(resolve({ flapping: 'never' })).not.toHaveProperty('flapping')
})

test.each([
  { written: { ratio: { above: 5 } }, why: 'a bare count says nothing' },
  { written: { ratio: { above: '5' } }, why: 'a share has its sign' },
  { written: { ratio: { above: '101%' } }, why: 'more than all' },
  { written: { latency: { above: '5 x baseline' } }, why: 'one spelling' },
  { written: { latency: { above: '0x baseline' } }, why: 'nothing is slower than no time' },
  { written: { latency: { above: '2s', percentile: '95' } }, why: 'a percentile has its letter' },
  { written: { noData: '5m' }, why: 'not a mapping' },
])('refuses $written: $why', ({ written }) => {
  expect(WrittenAlertRule.safeParse(written).success).toBe(false)
})
