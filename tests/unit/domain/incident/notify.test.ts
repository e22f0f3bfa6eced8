import { expect, test } from 'vitest'
import { openCount } from '../../../../src/domain/incident/moves.ts'
import { notificationsFor } from '../../../../src/domain/incident/notify.ts'
import {
  clearFinding,
  completeVerification,
  FINDINGS_IN_FULL_MAX,
  reportFinding,
} from '../../../../src/domain/incident/transition.ts'
import type { Finding, Incident, IncidentEvent } from '../../../../src/protocol/incident.ts'
import {
  aFinding,
  after,
  anIncident,
  aReport,
  globally,
  MINUTE,
  NOW,
  someEvidence,
  VERIFY_FOR_MS,
} from './reports.ts'

const SEARCH = { key: 'check:search', subject: 'search', checkId: 'search' }

function told(before: Incident | undefined, events: IncidentEvent[]): string[] {
  const incident = after(before, events)
  return events.flatMap((event) => notificationsFor(event, incident)).map(({ type }) => type)
}

const report = (incident: Incident | undefined, finding: Finding) =>
  reportFinding(incident, aReport({ finding, evidence: [someEvidence()] }))
const clear = (incident: Incident, key = 'check:checkout-stop') =>
  clearFinding(incident, key, 'passed twice', NOW, VERIFY_FOR_MS)

const verifying = after(anIncident(), clear(anIncident()))
const restoring = completeVerification(verifying, NOW + VERIFY_FOR_MS)
const restored = after(verifying, restoring)

test.each([
  {
    before: undefined,
    events: report(undefined, globally()),
    types: ['incident.opened'],
    why: 'it opens',
  },
  {
    before: anIncident(),
    events: report(anIncident(), aFinding({ regions: ['eu-west', 'us-east'] })),
    types: ['incident.widened'],
    why: 'more regions fail',
  },
  {
    before: anIncident(),
    events: report(anIncident(), globally()),
    types: ['incident.widened', 'incident.severity_raised'],
    why: 'it fails everywhere',
  },
  {
    before: anIncident(),
    events: report(anIncident(), aFinding(SEARCH)),
    types: [],
    why: 'another check fails in the same region',
  },
  {
    before: anIncident(),
    events: report(anIncident(), aFinding({ ...SEARCH, regions: ['us-east'] })),
    types: ['incident.widened'],
    why: 'another check fails in another region',
  },
  {
    before: anIncident(),
    events: report(anIncident(), aFinding({ ...SEARCH, tier: 'minor', scope: 'global' })),
    types: ['incident.widened'],
    why: 'another check fails everywhere',
  },
  {
    before: anIncident(globally()),
    events: report(anIncident(globally()), aFinding()),
    types: [],
    why: 'it becomes narrower',
  },
  {
    before: anIncident(aFinding(), aFinding(SEARCH)),
    events: clear(anIncident(aFinding(), aFinding(SEARCH))),
    types: [],
    why: 'one of two findings clears',
  },
  {
    before: anIncident(),
    events: clear(anIncident()),
    types: ['incident.recovered'],
    why: 'the last finding clears',
  },
  {
    before: verifying,
    events: report(verifying, aFinding()),
    types: ['incident.relapsed'],
    why: 'it fails while it is verified',
  },
  { before: verifying, events: restoring, types: ['incident.restored'], why: 'it stayed clear' },
  {
    before: restored,
    events: report(restored, aFinding()),
    types: ['incident.recurred'],
    why: 'it fails after it was restored',
  },
])('tells $types when $why', ({ before, events, types }) => {
  expect(told(before, events)).toEqual(types)
})

test('the body is thin, in RFC 3339, and says what is wrong', () => {
  const events = reportFinding(
    undefined,
    aReport({ finding: globally(), evidence: [someEvidence()] }),
  )
  const [opened] = events
  if (!opened) throw new Error('it opens')
  expect(notificationsFor(opened, after(undefined, events))).toEqual([
    {
      type: 'incident.opened',
      timestamp: '2026-03-13T15:00:00.000Z',
      data: {
        id: 'INC-42',
        service: 'storefront',
        severity: 'SEV-1',
        severityReason: expect.stringContaining('The business stops without it'),
        state: 'triage',
        scope: 'global',
        headline: 'checkout-stop fails in 3 of 3 regions, step "go to checkout": HTTP 502',
        title: 'Storefront: checkout-stop fails',
        generation: 1,
        regions: ['eu-west', 'us-east', 'ap-south'],
        impactStartedAt: new Date(NOW - MINUTE).toISOString(),
      },
    },
  ])
})

test('when every check of an outage reaches a third region, only the first is told', () => {
  const two = (name: string) =>
    globally({ key: `check:${name}`, subject: name, regions: ['eu-west', 'us-east'] })
  const three = (name: string) => globally({ key: `check:${name}`, subject: name })
  let incident = anIncident(two('a'), two('b'), two('c'))
  const types = ['a', 'b', 'c'].map((name) => {
    const events = report(incident, three(name))
    const heard = told(incident, events)
    incident = after(incident, events)
    return heard
  })
  expect(types).toEqual([['incident.widened'], [], []])
})

test('a thousand checks that fail together are told once', () => {
  let incident = anIncident(globally())
  const types: string[] = []
  for (let i = 0; i < 1_000; i++) {
    const events = report(incident, globally({ key: `check:c-${i}`, subject: `c-${i}` }))
    types.push(...told(incident, events))
    incident = after(incident, events)
  }
  expect(types).toEqual([])
  expect(incident.findings).toHaveLength(FINDINGS_IN_FULL_MAX)
  expect(openCount(incident)).toBe(1_001)
})
