import { describe, expect, test } from 'vitest'
import { advanceVerification } from '../../../../../src/domain/incident/verification/advance-verification.ts'
import {
  type GateCheck,
  type GateEvidence,
  judgeGate,
  unmetConditions,
} from '../../../../../src/domain/incident/verification/judge-gate.ts'
import { verifyForOf } from '../../../../../src/domain/incident/verification/verify-for.ts'
import type { Incident } from '../../../../../src/protocol/incident.ts'
import type { GateConditionName } from '../../../../../src/protocol/verification.ts'
import { anIncident, after as become, NOW, VERIFY_FOR_MS } from '../reports.ts'

const MINUTE = 60_000
const declared = { at: NOW, by: 'ada' }
const { findings } = anIncident()
const incident: Incident = {
  ...anIncident(),
  severity: 'SEV-1',
  state: 'verifying',
  declared,
  findings: findings.map((finding) => ({ ...finding, clearedAt: NOW })),
  recoveredAt: NOW,
  cleanSince: NOW,
  verifyUntil: NOW + VERIFY_FOR_MS,
}

const times = (count: number, ms: number) => Array.from({ length: count }, () => ms)
const check = (of: Partial<GateCheck> = {}): GateCheck => ({
  ...{ checkId: 'checkout-stop', name: 'Buy a lamp', runs: 40, failed: 0, failedIn: [] },
  servedMs: times(40, 400),
  usual: { runs: 200, failed: 0, p95Ms: 400 },
  ...of,
})
const clean: GateEvidence = {
  checks: [check()],
  slots: { ended: 40, missed: 0 },
  downstream: [
    { checkId: 'pay', name: 'Payment', runs: 30, failed: 0, failedIn: [], isFiring: false },
  ],
  throughput: [],
  manual: {
    checks: [{ checkId: 'checkout-stop', name: 'Buy a lamp' }],
    last: { name: 'Buy a lamp', passed: 3, failed: 0 },
  },
}
const ticked: Incident = {
  ...incident,
  gateTicks: [
    { item: 'reconciliation', outcome: 'deferred', owner: 'first-responder', at: NOW, by: 'ada' },
    { item: 'communication', outcome: 'done', at: NOW, by: 'ada' },
  ],
}

const broken = (evidence: Partial<GateEvidence>) => ({ ...clean, ...evidence })
const ROWS: {
  name: GateConditionName
  state: string
  evidence?: Partial<GateEvidence>
  of?: Incident
  reason: RegExp
}[] = [
  {
    name: 'errors',
    state: 'broken',
    evidence: { checks: [check({ failed: 1, failedIn: ['eu-west'] })] },
    reason: /^1 of 40 runs of Buy a lamp failed in eu-west; none of 200 did before the incident$/,
  },
  {
    name: 'errors',
    state: 'met',
    evidence: {
      checks: [check({ failed: 2, failedIn: ['eu-west'], usual: { runs: 100, failed: 5 } })],
    },
    reason: /2 of 40 runs failed, as usual/,
  },
  {
    name: 'errors',
    state: 'broken',
    evidence: {
      checks: [check({ failed: 3, failedIn: ['eu-west'], usual: { runs: 100, failed: 5 } })],
    },
    reason: /3 of 40 .* 5 % did before the incident/,
  },
  {
    name: 'errors',
    state: 'waiting',
    evidence: { checks: [check({ runs: 0, servedMs: [] })] },
    reason: /no run came in yet/,
  },
  { name: 'errors', state: 'unknown', evidence: { checks: [] }, reason: /no check of ours/ },
  {
    name: 'latency',
    state: 'broken',
    evidence: { checks: [check({ servedMs: [...times(35, 400), ...times(5, 900)] })] },
    reason: /is 900 ms, usually 400 ms; at most 600 ms is in its band/,
  },
  {
    name: 'latency',
    state: 'met',
    evidence: { checks: [check({ servedMs: times(40, 590) })] },
    reason: /590 ms, usually 400 ms/,
  },
  {
    name: 'latency',
    state: 'met',
    evidence: {
      checks: [check({ servedMs: times(40, 90), usual: { runs: 9, failed: 0, p95Ms: 4 } })],
    },
    reason: /usually 4 ms/,
  },
  {
    name: 'latency',
    state: 'unknown',
    evidence: { checks: [check({ servedMs: times(9, 9_000) })] },
    reason: /too few/,
  },
  {
    name: 'latency',
    state: 'unknown',
    evidence: { checks: [check({ usual: { runs: 0, failed: 0 } })] },
    reason: /nobody knows/,
  },
  {
    name: 'missing',
    state: 'broken',
    evidence: { slots: { ended: 17, missed: 3 } },
    reason: /3 of 20 runs that were due are missing \(15 %\); at most 10 % may be/,
  },
  {
    name: 'missing',
    state: 'met',
    evidence: { slots: { ended: 18, missed: 2 } },
    reason: /2 of 20/,
  },
  {
    name: 'missing',
    state: 'unknown',
    evidence: { slots: { ended: 0, missed: 9 } },
    reason: /too few/,
  },
  {
    name: 'downstream',
    state: 'broken',
    evidence: {
      downstream: [
        {
          checkId: 'pay',
          name: 'Payment',
          runs: 9,
          failed: 1,
          failedIn: ['us-east'],
          isFiring: false,
        },
      ],
    },
    reason: /1 of 9 runs of Payment failed in us-east/,
  },
  {
    name: 'downstream',
    state: 'waiting',
    evidence: {
      downstream: [
        { checkId: 'pay', name: 'Payment', runs: 0, failed: 0, failedIn: [], isFiring: true },
      ],
    },
    reason: /Payment not proven healthy/,
  },
  {
    name: 'downstream',
    state: 'not_needed',
    evidence: { downstream: [] },
    reason: /declares none/,
  },
  {
    name: 'manual_run',
    state: 'waiting',
    evidence: { manual: { checks: clean.manual.checks } },
    reason: /run Buy a lamp by hand once/,
  },
  {
    name: 'manual_run',
    state: 'waiting',
    evidence: {
      manual: { checks: clean.manual.checks, last: { name: 'Buy a lamp', passed: 2, failed: 1 } },
    },
    reason: /failed in 1 of 3 regions; run it again/,
  },
  { name: 'throughput', state: 'not_needed', reason: /declares none/ },
  {
    name: 'throughput',
    state: 'broken',
    evidence: {
      throughput: [
        {
          ...{ serviceId: 'orders', name: 'Orders', shareMin: 0.8, isRequired: false },
          readings: [1, 1, 1].map((value) => ({ kind: 'number', value })),
          lastWeek: [{ kind: 'number', value: 2 }],
        },
      ],
    },
    reason: /Orders is 1, 50 % of the 2/,
  },
  { name: 'reconciliation', state: 'waiting', of: incident, reason: /left half done/ },
  {
    name: 'reconciliation',
    state: 'waiting',
    of: {
      ...{ ...incident, severity: 'SEV-4' },
      dataAtRisk: { what: 'orders', by: 'grace', at: NOW },
    },
    reason: /left half done/,
  },
  { name: 'reconciliation', state: 'met', reason: /first-responder does it/ },
  { name: 'communication', state: 'met', reason: /done by ada/ },
  {
    name: 'findings',
    state: 'waiting',
    of: { ...ticked, findings },
    reason: /1 finding still open/,
  },
]

test.each(ROWS)(
  '$name is $state: $reason',
  ({ name, state, evidence = {}, of = ticked, reason }) => {
    const { conditions } = judgeGate(of, broken(evidence))
    expect(conditions.find((one) => one.name === name)).toMatchObject({
      state,
      reason: expect.stringMatching(reason),
    })
  },
)

test('what people have to do is asked of grave incidents that somebody declared', () => {
  const { declared: _, ...undeclared } = incident
  for (const one of [undeclared, { ...incident, severity: 'SEV-3' as const }]) {
    const gate = judgeGate(one, { ...clean, manual: { checks: clean.manual.checks } })
    expect(unmetConditions(gate)).toEqual([])
  }
})

describe('an incident that verifies', () => {
  const options = { now: NOW + VERIFY_FOR_MS, verifyForMs: VERIFY_FOR_MS, watched: [] }
  const advance = (of: Incident, evidence: GateEvidence, now = options.now) =>
    advanceVerification(of, judgeGate(of, evidence), { ...options, now })

  test('is restored with its watch and its review when the time is over and everything holds', () => {
    const events = advance(ticked, clean)
    expect(events.map(({ type }) => type)).toEqual([
      'restored',
      'watch_started',
      'postmortem_moved',
    ])
    const restored = become(ticked, events)
    expect(restored).toMatchObject({
      state: 'restored',
      watch: { since: options.now, until: options.now + 48 * 60 * MINUTE },
      postmortem: { state: 'draft', dueAt: options.now + 48 * 60 * MINUTE },
    })
  })

  test.each([
    { severity: 'SEV-2', watchHours: 24, isReviewed: true },
    { severity: 'SEV-3', watchHours: undefined, isReviewed: false },
  ] as const)(
    'as $severity it is watched for $watchHours h',
    ({ severity, watchHours, isReviewed }) => {
      const restored = become(ticked, advance({ ...ticked, severity }, clean))
      expect(restored.watch?.until).toBe(
        watchHours === undefined ? undefined : options.now + watchHours * 60 * MINUTE,
      )
      expect(restored.postmortem !== undefined).toBe(isReviewed)
    },
  )

  test('waits for what people have to do, however long it is clean', () => {
    expect(advance(incident, clean, NOW + 10 * VERIFY_FOR_MS)).toEqual([])
  })

  test('begins anew when something breaks, and says what', () => {
    const now = NOW + VERIFY_FOR_MS - 1
    const evidence = broken({ slots: { ended: 5, missed: 5 } })
    const events = advance(ticked, evidence, now)
    expect(events).toMatchObject([
      { type: 'gate_restarted', condition: 'missing', verifyUntil: now + VERIFY_FOR_MS },
    ])
    const again = become(ticked, events)
    expect(again).toMatchObject({ state: 'verifying', cleanSince: now, recoveredAt: NOW })
    // Everything holds now, and the time has not passed yet.
    expect(advance(again, clean, now + VERIFY_FOR_MS - 1)).toEqual([])
    expect(advance(again, clean, now + VERIFY_FOR_MS)[0]?.type).toBe('restored')
  })
})

test('minor incidents verify for a quarter of an hour, or for as little as the fleet asks for', () => {
  expect(verifyForOf('SEV-1', 30 * MINUTE)).toBe(30 * MINUTE)
  expect(verifyForOf('SEV-3', 30 * MINUTE)).toBe(15 * MINUTE)
  expect(verifyForOf('SEV-4', 5 * MINUTE)).toBe(5 * MINUTE)
})
