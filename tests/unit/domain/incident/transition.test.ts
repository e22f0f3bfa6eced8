import { expect, test } from 'vitest'
import { ALLOWED_MOVES } from '../../../../src/domain/incident/moves.ts'
import {
  clearFinding,
  completeVerification,
  EVIDENCE_PER_FINDING_MAX,
  FINDINGS_IN_FULL_MAX,
  joinable,
  RECURRENCE_WINDOW_MS,
  reportFinding,
} from '../../../../src/domain/incident/transition.ts'
import type { CheckKind } from '../../../../src/protocol/check.ts'
import type { SeverityRule } from '../../../../src/protocol/config.ts'
import { type Finding, type Incident, IncidentState } from '../../../../src/protocol/incident.ts'
import {
  aFinding,
  after,
  anIncident,
  aReport,
  globally,
  MINUTE,
  NOW,
  someEvidence,
  typesOf,
  VERIFY_FOR_MS,
} from './reports.ts'

const KEY = 'check:checkout-stop'
const OTHER = aFinding({ key: 'check:search', subject: 'search', checkId: 'search' })

const report = (incident: Incident | undefined, finding: Finding, now = NOW) =>
  reportFinding(incident, aReport({ finding, now }))
const clear = (incident: Incident, key = KEY, now = NOW) =>
  clearFinding(incident, key, 'passed twice in a row', now, VERIFY_FOR_MS)

function recovered(finding: Finding = aFinding(), now = NOW): Incident {
  const incident = anIncident(finding)
  return after(incident, clear(incident, finding.key, now))
}

function restored(): Incident {
  const incident = recovered()
  return after(incident, completeVerification(incident, NOW + VERIFY_FOR_MS))
}

test('the first finding opens an incident, with its severity, the reason and the evidence', () => {
  const finding = globally()
  const events = reportFinding(undefined, aReport({ finding, evidence: [someEvidence()] }))

  expect(typesOf(events)).toEqual(['opened', 'finding_joined', 'evidence_added'])
  expect(after(undefined, events)).toEqual({
    id: 'INC-42',
    serviceId: 'storefront',
    title: 'Storefront: checkout-stop fails',
    state: 'triage',
    severity: 'SEV-1',
    severityReason: expect.stringContaining('The business stops without it'),
    scope: 'global',
    generation: 1,
    openedAt: NOW,
    impactStartedAt: NOW - MINUTE,
    findings: [{ ...finding, evidence: [someEvidence()] }],
    stateSince: NOW,
    severityTimes: { spentMs: {}, since: NOW },
    lastSequence: 3,
    updatedAt: NOW,
  })
})

test.each([
  { now: aFinding(), events: [], why: 'the same again' },
  {
    now: aFinding({ reason: 'in other words', since: NOW }),
    events: [],
    why: 'the same, in other words',
  },
  { now: aFinding({ regionsWatching: 5 }), events: [], why: 'more regions watch it' },
  { now: aFinding({ scope: 'unknown' }), events: [], why: 'the others stopped telling' },
  {
    now: aFinding({ regions: ['eu-west', 'us-east'] }),
    events: ['finding_widened'],
    why: 'another region',
  },
  {
    now: aFinding({ regions: ['us-east'] }),
    events: ['finding_widened'],
    why: 'another region instead',
  },
  { now: globally(), events: ['finding_widened', 'severity_raised'], why: 'everywhere' },
  { now: OTHER, events: ['finding_joined'], why: 'another check of the service' },
  {
    now: { ...OTHER, scope: 'global' as const },
    events: ['finding_joined', 'severity_raised'],
    why: 'another check, everywhere',
  },
])('reported again, $why: $events', ({ now, events }) => {
  expect(typesOf(report(anIncident(), now))).toEqual(events)
})

test.each([
  { was: globally(), now: globally({ regions: ['eu-west', 'us-east'] }), why: 'fewer regions' },
  { was: globally(), now: aFinding(), why: 'a smaller scope' },
  { was: aFinding({ scope: 'unknown' }), now: aFinding(), why: 'others tell that they pass' },
])('a finding becomes narrower: $why; the severity stays', ({ was, now }) => {
  const incident = anIncident(was)
  const events = report(incident, now)
  expect(typesOf(events)).toEqual(['finding_narrowed'])
  const next = after(incident, events)
  expect(next.severity).toBe(incident.severity)
  expect(next.generation).toBe(incident.generation)
  expect(next.findings[0]).toMatchObject({ regions: now.regions, scope: now.scope })
})

test('what makes it wider raises the generation; what is only more of the same does not', () => {
  let incident = anIncident()
  const generations = [incident.generation]
  for (const finding of [
    aFinding(),
    aFinding({ regions: ['eu-west', 'us-east'] }),
    OTHER,
    globally(),
    globally(),
  ]) {
    incident = after(incident, report(incident, finding))
    generations.push(incident.generation)
  }
  expect(generations).toEqual([1, 1, 2, 2, 3, 3])
})

test('the impact begins with the first bad evidence of any finding', () => {
  const incident = anIncident(aFinding(), { ...OTHER, since: NOW - 7 * MINUTE })
  expect(incident.impactStartedAt).toBe(NOW - 7 * MINUTE)
  const widened = after(incident, report(incident, globally({ since: NOW })))
  expect(widened.impactStartedAt).toBe(NOW - 7 * MINUTE)
  expect(widened.findings[0]?.since).toBe(NOW - MINUTE)
})

test('each finding keeps the first evidence of each region, and no more than its limit', () => {
  const regions = Array.from({ length: 8 }, (_, i) => `region-${i}`)
  const evidence = regions.flatMap((region) => [someEvidence(region), someEvidence(region)])
  const first = reportFinding(undefined, aReport({ evidence }))
  const incident = after(undefined, first)

  expect(incident.findings[0]?.evidence.map(({ regionId }) => regionId)).toEqual(
    regions.slice(0, EVIDENCE_PER_FINDING_MAX),
  )
  expect(reportFinding(incident, aReport({ evidence }))).toEqual([])
})

test('evidence of a further region is added, that of a known one is not', () => {
  const incident = after(
    undefined,
    reportFinding(undefined, aReport({ evidence: [someEvidence()] })),
  )
  const evidence = [someEvidence('eu-west'), someEvidence('us-east')]
  const events = reportFinding(incident, aReport({ evidence, now: NOW + MINUTE }))
  expect(events).toMatchObject([
    { type: 'evidence_added', evidence: { regionId: 'us-east' }, occurredAt: NOW - MINUTE + 40 },
  ])
})

test('one of two findings clears: the incident goes on', () => {
  const incident = anIncident(aFinding(), OTHER)
  const events = clear(incident)
  expect(typesOf(events)).toEqual(['finding_cleared'])
  expect(after(incident, events)).toMatchObject({
    state: 'triage',
    findings: [{ clearedAt: NOW }, {}],
  })
})

test('the last finding clears: it recovers and must stay clean', () => {
  const incident = anIncident()
  const events = clear(incident)
  expect(typesOf(events)).toEqual(['finding_cleared', 'recovered'])
  expect(events.at(-1)).toMatchObject({
    reason: 'every finding is clear; it must stay clean for 30 min',
  })
  expect(after(incident, events)).toMatchObject({
    state: 'verifying',
    recoveredAt: NOW,
    verifyUntil: NOW + VERIFY_FOR_MS,
  })
})

test.each([
  { key: 'check:unheard-of', why: 'it was never reported' },
  { key: KEY, why: 'it is clear already' },
])('clearing a finding gives nothing when $why', ({ key }) => {
  expect(clear(recovered(), key)).toEqual([])
})

test.each([
  { ms: VERIFY_FOR_MS - 1, types: [], why: 'a millisecond early' },
  { ms: VERIFY_FOR_MS, types: ['restored'], why: 'the whole time' },
  { ms: 10 * VERIFY_FOR_MS, types: ['restored'], why: 'long after, when nobody looked' },
])('clean for $ms ms, $why: $types', ({ ms, types }) => {
  expect(typesOf(completeVerification(recovered(), NOW + ms))).toEqual(types)
})

test('restored says for how long it stayed clear, and is said once', () => {
  const incident = restored()
  expect(incident).toMatchObject({ state: 'restored', restoredAt: NOW + VERIFY_FOR_MS })
  expect(completeVerification(recovered(), NOW + VERIFY_FOR_MS)).toMatchObject([
    { reason: 'every finding stayed clear for 30 min' },
  ])
  expect(completeVerification(incident, NOW + 2 * VERIFY_FOR_MS)).toEqual([])
})

test('an incident that is not being verified is not restored', () => {
  expect(completeVerification(anIncident(), NOW + 10 * VERIFY_FOR_MS)).toEqual([])
})

test.each([
  { finding: aFinding({ since: NOW + MINUTE }), why: 'the same finding' },
  { finding: OTHER, why: 'another finding of the service' },
])('relapses while it is verified: $why', ({ finding }) => {
  const incident = recovered()
  const events = report(incident, finding, NOW + 2 * MINUTE)
  expect(typesOf(events)).toEqual(['relapsed', 'finding_joined'])
  const next = after(incident, events)
  expect(next).toMatchObject({ state: 'mitigating', impactStartedAt: NOW - MINUTE })
  expect(next).not.toHaveProperty('verifyUntil')
  expect(next).not.toHaveProperty('recoveredAt')
})

test('a relapse starts the clock of the verification anew', () => {
  const incident = recovered()
  const failing = after(incident, report(incident, aFinding(), NOW + 2 * MINUTE))
  const again = after(failing, clear(failing, KEY, NOW + 5 * MINUTE))
  expect(again).toMatchObject({ state: 'verifying', verifyUntil: NOW + 5 * MINUTE + VERIFY_FOR_MS })
  expect(again.generation).toBe(1)
})

test('a finding that comes back has evidence of its own', () => {
  const opened = reportFinding(undefined, aReport({ evidence: [someEvidence()] }))
  const first = after(undefined, opened)
  const calm = after(first, clear(first))
  const message = 'net::ERR_CONNECTION_REFUSED'
  const evidence = [someEvidence('eu-west', { message, startedAt: NOW + MINUTE })]
  const next = after(calm, reportFinding(calm, aReport({ evidence, now: NOW + 2 * MINUTE })))
  expect(next.findings).toMatchObject([{ evidence: [{ message }] }])
  expect(next.findings[0]).not.toHaveProperty('clearedAt')
})

test('what fails again after it was restored is the same incident, in its next generation', () => {
  const incident = restored()
  const events = report(incident, aFinding(), NOW + VERIFY_FOR_MS + MINUTE)
  expect(typesOf(events)).toEqual(['recurred', 'finding_joined'])
  const next = after(incident, events)
  expect(next).toMatchObject({ state: 'mitigating', generation: 2 })
  expect(next).not.toHaveProperty('restoredAt')
})

test.each([
  { incident: anIncident(), now: NOW + 10 * RECURRENCE_WINDOW_MS, joins: true, why: 'it is open' },
  { incident: recovered(), now: NOW, joins: true, why: 'it is being verified' },
  {
    incident: restored(),
    now: NOW + VERIFY_FOR_MS + RECURRENCE_WINDOW_MS,
    joins: true,
    why: 'it was restored within the day',
  },
  {
    incident: restored(),
    now: NOW + VERIFY_FOR_MS + RECURRENCE_WINDOW_MS + 1,
    joins: false,
    why: 'it was restored longer ago',
  },
  {
    incident: { ...restored(), state: 'resolved' as const },
    now: NOW,
    joins: false,
    why: 'its cause is fixed',
  },
  {
    incident: { ...anIncident(), state: 'merged' as const },
    now: NOW,
    joins: false,
    why: 'it went into another',
  },
])('a finding joins: $joins, because $why', ({ incident, now, joins }) => {
  expect(joinable(incident, now)).toBe(joins)
})

test('reporting to an incident that takes no findings is a bug of the caller', () => {
  const closed = { ...anIncident(), state: 'closed' as const }
  expect(() => report(closed, aFinding())).toThrow('findings join open incidents only')
})

test('the record does not run backwards when the clock is set back', () => {
  const incident = anIncident()
  const events = report(incident, globally(), NOW - 10 * MINUTE)
  expect(events.map(({ recordedAt }) => recordedAt)).toEqual([NOW, NOW])
})

test('the time of verification is counted from what is on record, whatever the clock says', () => {
  const incident = anIncident()
  expect(clear(incident, KEY, NOW - 10 * MINUTE).at(-1)).toMatchObject({
    occurredAt: NOW,
    verifyUntil: NOW + VERIFY_FOR_MS,
  })
})

test('evidence did not happen after it was recorded, even where the clock of the probe is ahead', () => {
  const evidence = [someEvidence('eu-west', { startedAt: NOW + 5_000 })]
  const events = reportFinding(undefined, aReport({ evidence }))
  expect(events.at(-1)).toMatchObject({ type: 'evidence_added', occurredAt: NOW })
})

test.each(IncidentState.options)(
  'the moves out of %s lead to known states, never to itself',
  (state) => {
    expect(IncidentState.options).toEqual(expect.arrayContaining([...ALLOWED_MOVES[state]]))
    expect(ALLOWED_MOVES[state]).not.toContain(state)
  },
)

/** A thousand checks that fail at once, each with a run of every region as evidence. */
function outage(checks: number): Incident {
  let incident: Incident | undefined
  for (let i = 0; i < checks; i++) {
    const finding = globally({ key: `check:c-${i}`, subject: `c-${i}`, checkId: `c-${i}` })
    const evidence = finding.regions.map((region) => someEvidence(region))
    incident = after(incident, reportFinding(incident, aReport({ finding, evidence })))
  }
  if (!incident) throw new Error('checks must fail')
  return incident
}

test('of a thousand checks that fail at once two hundred are told, all are counted and awaited', () => {
  let incident = outage(1_000)
  expect(incident.findings).toHaveLength(FINDINGS_IN_FULL_MAX)
  expect(incident.countedFindings).toHaveLength(1_000 - FINDINGS_IN_FULL_MAX)
  expect(JSON.stringify(incident).length).toBeLessThan(256 * 1024)
  expect(report(incident, globally({ key: 'check:c-999' }))).toEqual([])

  for (let i = 0; i < 999; i++) incident = after(incident, clear(incident, `check:c-${i}`))
  expect(incident).toMatchObject({ state: 'triage', scope: 'global' })
  expect(after(incident, clear(incident, 'check:c-999')).state).toBe('verifying')
})

test('a finding that is only counted is told once there is room, and counts wider when it is', () => {
  const full = outage(FINDINGS_IN_FULL_MAX)
  const more = after(full, report(full, OTHER))
  expect(more.countedFindings).toEqual([{ key: OTHER.key, scope: 'regional' }])
  expect(typesOf(report(more, { ...OTHER, scope: 'global' }))).toEqual(['finding_counted'])

  const room = after(more, clear(more, 'check:c-7'))
  const told = after(room, report(room, OTHER))
  expect(told).not.toHaveProperty('countedFindings')
  expect(told.findings).toHaveLength(FINDINGS_IN_FULL_MAX)
  expect(told.findings.map(({ key }) => key)).not.toContain('check:c-7')
})

test('what fails together raises it, by what the evidence of each is of', () => {
  const together: SeverityRule[] = [
    {
      when: { together: [{ kind: 'journey' }, { kind: 'tcp' }] },
      severity: 'SEV-1',
      because: 'The shop fails and its database takes no connections.',
    },
    { when: {}, severity: 'SEV-3', because: 'It can wait.' },
  ]
  const reported = (incident: Incident | undefined, finding: Finding, checkKind: CheckKind) =>
    after(
      incident,
      reportFinding(
        incident,
        aReport({
          ...{ finding, severityRules: together },
          evidence: [someEvidence('eu-west', { checkKind })],
        }),
      ),
    )
  const shop = reported(undefined, aFinding(), 'journey')
  expect(shop.severity).toBe('SEV-3')
  expect(reported(shop, OTHER, 'http').severity).toBe('SEV-3')
  expect(reported(shop, OTHER, 'tcp').severity).toBe('SEV-1')
  expect(reported(after(shop, clear(shop)), OTHER, 'tcp').severity).toBe('SEV-3')
})
