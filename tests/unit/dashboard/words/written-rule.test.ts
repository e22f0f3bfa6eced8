import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  fieldsOf,
  proposedRule,
  ruleYaml,
  writtenRule,
} from '../../../../src/dashboard/words/written-rule.ts'
import { resolveAlert } from '../../../../src/definitions/resolve-alert.ts'
import { checkShape } from '../../../../src/definitions/yaml/check-shape.ts'
import { parseYaml } from '../../../../src/definitions/yaml/parse-yaml.ts'
import { WrittenAlertRule } from '../../../../src/protocol/written-alert.ts'

const REGIONS = ['r1', 'r2', 'r3'].map((id) => ({ id }))
const counts = fc.integer({ min: 1, max: 20 })
const someOf = fc
  .tuple(counts, counts)
  .map(([a, b]) => ({ count: Math.min(a, b), of: Math.max(a, b) }))
const duration = fc.constantFrom('30s', '5m', '90s', '1h', '2d')
const share = fc.constantFrom('5%', '0.5%', '12.5%', '100%', '7%')
const window = {
  within: duration,
  for: duration,
  samplesMin: fc.integer({ min: 2, max: 100 }),
}
const anyRule: fc.Arbitrary<WrittenAlertRule> = fc.record(
  {
    failuresToFire: counts,
    regionsMin: counts,
    passesToResolve: counts,
    independent: fc.constant(true),
    failures: someOf,
    ratio: fc.record({ above: share, ...window }),
    latency: fc.record({
      above: fc.constantFrom('2s', '250ms', '5x baseline', '1.5x baseline'),
      percentile: fc.constantFrom('p95', 'p50', 'p99.9'),
      ...window,
      severity: fc.constantFrom('SEV-2' as const, 'SEV-3' as const),
    }),
    degraded: someOf,
    noData: fc.record({ after: duration }),
    flapping: fc.constantFrom('never' as const, {
      changes: 4,
      within: '30m',
      quietFor: '5m',
    }),
    severity: fc.constantFrom('SEV-1' as const, 'SEV-4' as const),
  },
  { requiredKeys: [] },
)

/** As the files are read: text, shape, defaults. */
function read(yaml: string) {
  const { yaml: parsed, problems } = parseYaml('rule', yaml.replace(/^alert:\n/, ''), {})
  const shaped = parsed ? checkShape(parsed, WrittenAlertRule) : undefined
  expect([...problems, ...(shaped?.problems ?? [])]).toEqual([])
  return resolveAlert(shaped?.value ?? {}, REGIONS)
}

test('a rule that nobody changed is written so that it means the same', () => {
  fc.assert(
    fc.property(anyRule, (written) => {
      const rule = resolveAlert(written, REGIONS)
      const again = writtenRule(rule)
      expect(read(ruleYaml(proposedRule(again, fieldsOf(again))))).toEqual(rule)
    }),
  )
})

const before = writtenRule(resolveAlert({ ratio: { above: '5%' } }, REGIONS))

test('what is typed is in the rule, and a condition without words is not', () => {
  const fields = { ...fieldsOf(before), failuresToFire: '5', 'degraded.count': '2' }
  const proposed = proposedRule(before, {
    ...fields,
    ...{ 'degraded.of': '3', 'ratio.above': '', 'ratio.within': ' ', 'ratio.for': '' },
  })
  expect(proposed).toMatchObject({ failuresToFire: 5, degraded: { count: 2, of: 3 } })
  expect(proposed).not.toHaveProperty('ratio')
  expect(ruleYaml(proposed)).toContain('\n  degraded: { count: 2, of: 3 }')
})

test('what has no field stays', () => {
  expect(proposedRule(before, fieldsOf(before))).toMatchObject({
    ratio: { above: '5%', samplesMin: 20 },
    flapping: { changes: 6 },
  })
})
