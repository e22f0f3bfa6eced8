import { expect, test } from 'vitest'
import { isWorse, suggestSeverity } from '../../../../src/domain/incident/suggest-severity.ts'
import type { SeverityRule } from '../../../../src/protocol/config.ts'
import { aFinding, globally, RULES } from './reports.ts'

const failing = globally()
const signal = aFinding({
  kind: 'signal',
  layer: 'metrics',
  subject: 'HighErrorRate',
  source: { name: 'Alertmanager' },
  severity: 'SEV-3',
})

test.each([
  { finding: failing, severity: 'SEV-1', why: 'the first rule matches' },
  { finding: { ...failing, scope: 'regional' }, severity: 'SEV-2', why: 'only some regions fail' },
  {
    finding: { ...failing, scope: 'unknown' },
    severity: 'SEV-2',
    why: 'nobody knows how wide it is',
  },
  {
    finding: { ...failing, tier: 'minor' },
    severity: 'SEV-4',
    why: 'the last rule takes the rest',
  },
  {
    finding: { ...failing, kind: 'region_silent' },
    severity: 'SEV-2',
    why: 'a rule without a kind takes any',
  },
  { finding: signal, severity: 'SEV-3', why: 'a signal states its own' },
  {
    finding: { ...signal, severity: undefined },
    severity: 'SEV-2',
    why: 'a signal that states none goes by the rules',
  },
] as const)('$severity: $why', ({ finding, severity }) => {
  expect(suggestSeverity(RULES, finding).severity).toBe(severity)
})

test.each([
  {
    finding: failing,
    reason: 'The business stops without it (a core check fails globally).',
  },
  {
    finding: { ...failing, scope: 'regional' },
    reason: 'Some customers cannot buy (a core check fails in some regions only).',
  },
  {
    finding: { ...failing, tier: 'minor', scope: 'unknown' },
    reason: 'It can wait for the morning (a minor check fails where no other region can tell).',
  },
  {
    finding: { ...failing, kind: 'region_silent' },
    reason: 'Some customers cannot buy (a region is silent).',
  },
  { finding: signal, reason: 'Alertmanager (HighErrorRate) says so.' },
  {
    finding: { ...signal, kind: 'objective_burning', layer: undefined, subject: 'availability' },
    reason: 'The error budget of availability burns so fast that somebody must look now.',
  },
  {
    finding: { ...signal, kind: 'region_failing', layer: undefined, subject: 'eu-west' },
    reason: 'Most checks fail in eu-west alone, none of them of a core function.',
  },
  {
    finding: { ...signal, severity: undefined },
    reason: 'Some customers cannot buy (Alertmanager (HighErrorRate) about a core service).',
  },
] as const)('says why: $reason', ({ finding, reason }) => {
  expect(suggestSeverity(RULES, finding).reason).toBe(reason)
})

test('without a rule that matches it is loud and says so', () => {
  const { severity, reason } = suggestSeverity(RULES.slice(0, 1), { ...failing, tier: 'minor' })
  expect(severity).toBe('SEV-2')
  expect(reason).toMatch(/^No severity rule matches/)
})

test.each([
  { a: 'SEV-1', b: 'SEV-2', worse: true },
  { a: 'SEV-2', b: 'SEV-1', worse: false },
  { a: 'SEV-3', b: 'SEV-3', worse: false },
  { a: 'SEV-3', b: 'SEV-4', worse: true },
] as const)('$a is worse than $b: $worse', ({ a, b, worse }) => {
  expect(isWorse(a, b)).toBe(worse)
})

test('a rule that names the layer goes before what a signal states', () => {
  const rule = { when: { layer: 'metrics' }, severity: 'SEV-1', because: 'We trust it.' } as const
  expect(suggestSeverity([rule, ...RULES], signal).severity).toBe('SEV-1')
})

const BOTH: SeverityRule[] = [
  {
    when: { together: [{ kind: 'journey' }, { kind: 'tcp', scope: 'global' }] },
    severity: 'SEV-1',
    because: 'The shop fails and its database takes no connections.',
  },
  { when: {}, severity: 'SEV-3', because: 'It can wait.' },
]
const shop = aFinding({ key: 'check:shop', subject: 'checkout' })
const journey = { ...shop, checkKind: 'journey' as const }
const port = { ...globally(), subject: 'database port', checkKind: 'tcp' as const }

test.each([
  { finding: journey, beside: [port], severity: 'SEV-1', why: 'both fail' },
  { finding: port, beside: [journey], severity: 'SEV-1', why: 'whichever comes last' },
  { finding: journey, beside: [], severity: 'SEV-3', why: 'one alone is not both' },
  { finding: journey, beside: [journey], severity: 'SEV-3', why: 'neither is it twice' },
  {
    ...{ finding: journey, beside: [{ ...port, scope: 'regional' as const }], severity: 'SEV-3' },
    why: 'each must be as the rule says',
  },
  {
    ...{ finding: signal, beside: [journey, port], severity: 'SEV-3' },
    why: 'what has no part in it is not raised by it',
  },
])('rules of several findings: $severity, because $why', ({ finding, beside, severity }) => {
  expect(suggestSeverity(BOTH, finding, beside).severity).toBe(severity)
})

test('a rule of several findings names the others', () => {
  expect(suggestSeverity(BOTH, journey, [port]).reason).toBe(
    'The shop fails and its database takes no connections (a core check fails in some regions only, together with database port).',
  )
})
