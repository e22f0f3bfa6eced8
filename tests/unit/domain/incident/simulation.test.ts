import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldIncident } from '../../../../src/domain/incident/fold-incident.ts'
import { notificationsFor } from '../../../../src/domain/incident/notify.ts'
import { isWorse } from '../../../../src/domain/incident/suggest-severity.ts'
import {
  ALLOWED_MOVES,
  clearFinding,
  completeVerification,
  EVIDENCE_PER_FINDING_MAX,
  joinable,
  openFindings,
  reportFinding,
} from '../../../../src/domain/incident/transition.ts'
import { Incident, IncidentEvent } from '../../../../src/protocol/incident.ts'
import { aFinding, after, aReport, MINUTE, NOW, someEvidence, VERIFY_FOR_MS } from './reports.ts'

/** Plays anything that may happen to one service, in any order, and looks at each step. */

const REGIONS = ['eu-west', 'us-east', 'ap-south']
const CHECKS = ['checkout-stop', 'search', 'homepage']

const command = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      check: fc.constantFrom(...CHECKS),
      tier: fc.constantFrom('core' as const, 'standard' as const, 'minor' as const),
      scope: fc.constantFrom('global' as const, 'regional' as const, 'unknown' as const),
      regions: fc.subarray(REGIONS, { minLength: 1 }),
      passedMs: fc.integer({ min: -MINUTE, max: 20 * MINUTE }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('clear' as const),
      check: fc.constantFrom(...CHECKS),
      passedMs: fc.integer({ min: 0, max: 20 * MINUTE }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('verify' as const),
      passedMs: fc.integer({ min: 0, max: 2 * VERIFY_FOR_MS }),
    }),
  },
)
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never

function decide(incident: Incident | undefined, step: Command, now: number): IncidentEvent[] {
  if (step.kind === 'report') {
    const { check, tier, scope, regions } = step
    const finding = aFinding({ key: `check:${check}`, subject: check, tier, scope, regions })
    const evidence = regions.map((region) => someEvidence(region, { startedAt: now }))
    return reportFinding(incident, aReport({ finding: { ...finding, since: now }, evidence, now }))
  }
  if (!incident) return []
  if (step.kind === 'clear')
    return clearFinding(incident, `check:${step.check}`, 'passed twice', now, VERIFY_FOR_MS)
  return completeVerification(incident, now)
}

function checkStep(before: Incident | undefined, events: IncidentEvent[], incident: Incident) {
  expect(events.map(({ sequence }) => sequence)).toEqual(
    events.map((_, index) => (before?.lastSequence ?? 0) + 1 + index),
  )
  for (const event of events) {
    expect(event.occurredAt).toBeLessThanOrEqual(event.recordedAt)
    expect(event.recordedAt).toBeGreaterThanOrEqual(before?.updatedAt ?? 0)
  }
  if (before) {
    expect(isWorse(before.severity, incident.severity)).toBe(false)
    expect(incident.generation).toBeGreaterThanOrEqual(before.generation)
    expect(incident.impactStartedAt).toBeLessThanOrEqual(before.impactStartedAt)
    if (incident.state !== before.state)
      expect(ALLOWED_MOVES[before.state]).toContain(incident.state)
  }
  const isFailing = openFindings(incident).length > 0
  expect(isFailing).toBe(incident.state === 'triage' || incident.state === 'mitigating')
  for (const { evidence, key } of incident.findings) {
    expect(evidence.length).toBeLessThanOrEqual(EVIDENCE_PER_FINDING_MAX)
    expect(incident.findings.filter((finding) => finding.key === key)).toHaveLength(1)
  }
}

function checkWords(events: IncidentEvent[], incident: Incident) {
  expect(Incident.parse(incident)).toEqual(incident)
  expect(events.map((event) => IncidentEvent.parse(event))).toEqual(events)
  for (const { data } of events.flatMap((event) => notificationsFor(event, incident)))
    expect(data.headline).not.toMatch(/undefined|NaN|^$/)
}

test('whatever happens in whatever order, an incident keeps its promises', () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 40 }), (steps) => {
      let now = NOW
      let incident: Incident | undefined
      const all: IncidentEvent[] = []
      for (const step of steps) {
        now += step.passedMs
        if (incident && !joinable(incident, now)) break
        const events = decide(incident, step, now)
        if (events.length === 0) continue
        const next = after(incident, events)
        checkStep(incident, events, next)
        checkWords(events, next)
        all.push(...events)
        incident = next
        expect(decide(incident, step, now)).toEqual([])
      }
      if (incident) expect(foldIncident(incident.id, all)).toEqual(incident)
    }),
    { numRuns: 300 },
  )
})

test('events stored as JSON and read back make the same incident', () => {
  const steps = fc.array(command, { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(steps, (played) => {
      let incident: Incident | undefined
      const all: IncidentEvent[] = []
      for (const step of played) {
        const events = decide(incident, step, NOW)
        if (events.length > 0) incident = after(incident, events)
        all.push(...events)
      }
      if (!incident) return
      const stored = JSON.parse(JSON.stringify(all)).map((row: unknown) => IncidentEvent.parse(row))
      expect(foldIncident(incident.id, stored)).toEqual(JSON.parse(JSON.stringify(incident)))
    }),
  )
})
