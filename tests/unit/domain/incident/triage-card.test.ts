import { expect, test } from 'vitest'
import { similarIncidents } from '../../../../src/domain/incident/similar-incidents.ts'
import { reportFinding } from '../../../../src/domain/incident/transition.ts'
import {
  affectedCheckIds,
  evidenceRunIds,
  servicesOf,
  type TriageInput,
  triageCard,
} from '../../../../src/domain/incident/triage-card.ts'
import { changesAskedFor } from '../../../../src/domain/incident/what-changed.ts'
import type { Incident } from '../../../../src/protocol/incident.ts'
import type { Query } from '../../../../src/protocol/query.ts'
import { TriageCard } from '../../../../src/protocol/triage-card.ts'
import { aCheck, aRun } from '../../../support/builders.ts'
import {
  aFinding,
  after,
  anIncident,
  aReport,
  globally,
  MINUTE,
  NOW,
  someEvidence,
} from './reports.ts'

const evidence = [
  someEvidence(),
  someEvidence('us-east', { runId: '0190a0d0-0000-7000-8000-000000000009' }),
]
const withEvidence = (incident?: Incident) =>
  after(incident, reportFinding(incident, aReport({ finding: globally(), evidence })))

const fleet: TriageInput['fleet'] = {
  services: [
    { id: 'storefront', name: 'Storefront', tier: 'core', owner: 'team shop' },
    { id: 'payments', name: 'Payments', tier: 'core', owner: undefined },
  ],
  checks: [
    aCheck('http', { id: 'checkout-stop', serviceId: 'storefront' }),
    aCheck('http', { id: 'search', serviceId: 'storefront' }),
    aCheck('http', { id: 'pay', serviceId: 'payments' }),
  ],
  objectives: [],
  signalSources: [],
  regions: [
    { id: 'eu-west', name: 'eu-west', provider: 'acme' },
    { id: 'us-east', name: 'us-east', provider: 'other' },
    { id: 'ap-south', name: 'ap-south', provider: 'other' },
  ],
}

const card = (incident: Incident, overrides: Partial<TriageInput> = {}) =>
  TriageCard.parse(
    triageCard({
      incident,
      fleet,
      now: NOW + 5 * MINUTE,
      recentRuns: { failed: 31, runs: 50 },
      evidenceRuns: [],
      heartbeatRuns: [],
      readings: new Map(),
      past: [],
      changes: [],
      reports: { count: 0, latest: [] },
      ...overrides,
    }),
  )

test('layers that watch the service, and saw nothing, are told', () => {
  const watched: TriageInput['fleet'] = {
    ...fleet,
    objectives: [
      {
        id: 'storefront/availability',
        serviceId: 'storefront',
        name: 'availability',
        target: 0.999,
        periodMs: 28 * 24 * 60 * MINUTE,
        checks: ['search'],
      },
    ],
    signalSources: [
      { id: 'logs', kind: 'sns', secret: 'LOGS_TOKEN', layer: 'logs', service: 'storefront' },
      { id: 'pd', kind: 'pagerduty', secret: 'PD_SECRET', service: 'storefront' },
    ],
  }
  expect(card(withEvidence(), { fleet: watched }).corroboration.notSeen).toEqual([
    'objectives',
    'logs',
    'metrics',
    'fleet',
  ])
})

test('changes around its beginning are told, of what is needed as well', () => {
  const incident = withEvidence()
  const since = incident.impactStartedAt
  const needing: TriageInput['fleet'] = {
    ...fleet,
    services: [
      { id: 'storefront', name: 'Storefront', tier: 'core', owner: undefined, needs: ['orders'] },
      { id: 'orders', name: 'Orders', tier: 'core', owner: undefined, needs: ['db'] },
      { id: 'db', name: 'Database', tier: 'core', owner: undefined },
      { id: 'payments', name: 'Payments', tier: 'core', owner: undefined },
    ],
    changeSecret: 'CHANGE_TOKEN',
  }
  expect(changesAskedFor(servicesOf(incident), needing, since)).toMatchObject({
    services: ['storefront', 'orders', 'db'],
    since: since - 60 * MINUTE,
    until: since + 10 * MINUTE,
  })
  const changes = Array.from({ length: 12 }, (_, index) => ({
    id: `c${index}`,
    serviceId: index === 0 ? 'storefront' : 'db',
    kind: 'deploy' as const,
    summary: `release ${index}`,
    at: since - index * MINUTE,
  }))
  const told = card(incident, { fleet: needing, changes }).changes
  expect(told?.more).toBe(2)
  expect(told?.list).toHaveLength(10)
  expect(told?.list.slice(0, 2)).toMatchObject([
    { id: 'c0', serviceName: 'Storefront', isOfNeeded: false },
    { id: 'c1', serviceName: 'Database', isOfNeeded: true },
  ])
})

test('that there was no change is told only where somebody tells of changes', () => {
  expect(card(withEvidence()).changes).toBeUndefined()
  const told = card(withEvidence(), { fleet: { ...fleet, changeSecret: 'CHANGE_TOKEN' } })
  expect(told.changes).toEqual({ list: [], more: 0 })
})

test('what users say is told, and nothing where nobody does', () => {
  expect(card(withEvidence()).reports).toBeUndefined()
  const report = { serviceId: 'storefront', text: '<b>no</b> cart', by: 'Ana', at: NOW }
  expect(card(withEvidence(), { reports: { count: 7, latest: [report] } }).reports).toEqual({
    count: 7,
    latest: [{ at: NOW, text: '<b>no</b> cart', by: 'Ana' }],
  })
})

test('says how bad it is: the severity with its sentence, the share with its counts, since when', () => {
  expect(card(withEvidence()).howBad).toEqual({
    severity: 'SEV-1',
    sentence: expect.stringContaining('The business stops without it'),
    failing: { windowMs: 10 * MINUTE, failed: 31, runs: 50 },
    since: NOW - MINUTE,
    firstEvidence: {
      runId: evidence[0]?.runId,
      checkName: 'checkout-stop',
      regionId: 'eu-west',
    },
    timeInSeverity: [{ severity: 'SEV-1', ms: 5 * MINUTE }],
  })
})

test('says what is affected, with the step, and how much of what watches agrees', () => {
  expect(card(withEvidence()).affected).toMatchObject({
    scope: 'global',
    services: [{ name: 'Storefront' }],
    checks: [
      { checkId: 'checkout-stop', isJourney: true, step: 'go to checkout', regionsWatching: 3 },
    ],
    more: 0,
    checksFailing: 1,
    checksWatching: 2,
    regions: ['eu-west', 'us-east', 'ap-south'],
  })
})

test('says who is needed, and who has it', () => {
  expect(card(withEvidence()).needed).toEqual({
    owners: [{ serviceId: 'storefront', name: 'Storefront', owner: 'team shop' }],
  })
  const acknowledged = { generation: 1, at: NOW, by: 'ada' }
  expect(card({ ...withEvidence(), acknowledged, generation: 2 }).needed.acknowledged).toEqual({
    by: 'ada',
    at: NOW,
    isCurrent: false,
  })
})

test('tells which layers saw it, and which that watch did not', () => {
  expect(card(withEvidence()).corroboration).toEqual({
    seen: [{ layer: 'probes', findings: 1 }],
    notSeen: ['fleet'],
  })
  const signal = aFinding({ kind: 'signal', key: 'signal:am:1', layer: 'logs' })
  expect(card(anIncident(signal)).corroboration).toEqual({
    seen: [{ layer: 'logs', findings: 1 }],
    notSeen: ['probes', 'fleet'],
  })
})

test('names the lowest layer that any of the runs found broken', () => {
  const layer = (name: 'dns' | 'http', isFine: boolean) => ({
    layer: name,
    subject: 'shop',
    isFine,
    ms: 1,
    message: isFine ? 'fine' : `${name} is broken`,
  })
  const http = aRun({
    regionId: 'eu-west',
    diagnosis: { layers: [layer('dns', true), layer('http', false)], firstBroken: 1 },
  })
  const dns = aRun({
    regionId: 'us-east',
    diagnosis: { layers: [layer('dns', false)], firstBroken: 0 },
  })
  const fine = aRun({ diagnosis: { layers: [layer('dns', true)] } })
  expect(
    card(withEvidence(), { evidenceRuns: [fine, http, dns] }).affected.firstBroken,
  ).toMatchObject({
    layer: 'dns',
    message: 'dns is broken',
    regionId: 'us-east',
  })
  expect(card(withEvidence(), { evidenceRuns: [fine] }).affected).not.toHaveProperty('firstBroken')
})

test('an incident that is over has no share of failures any more', () => {
  expect(card({ ...withEvidence(), state: 'restored' }).howBad).not.toHaveProperty('failing')
})

test('of very many findings some are shown and the rest is counted', () => {
  const many = anIncident(
    ...Array.from({ length: 25 }, (_, i) => aFinding({ key: `check:c-${i}`, checkId: `c-${i}` })),
  )
  const counted = [{ key: 'check:far', scope: 'global' as const }]
  const { affected } = card({ ...many, countedFindings: counted })
  expect([affected.checks.length, affected.more]).toEqual([10, 16])
  expect(affectedCheckIds(many)).toHaveLength(25)
})

test('the runs to look at are those of the most important check first', () => {
  const minor = aFinding({ key: 'check:minor', tier: 'minor', since: 0 })
  const first = after(
    undefined,
    reportFinding(
      undefined,
      aReport({
        finding: minor,
        evidence: [someEvidence('ap-south', { runId: '0190a0d0-0000-7000-8000-000000000005' })],
      }),
    ),
  )
  expect(evidenceRunIds(withEvidence(first))).toEqual([
    ...evidence.map(({ runId }) => runId),
    '0190a0d0-0000-7000-8000-000000000005',
  ])
})

const past = (id: string, overrides: Partial<Incident> = {}) => ({
  incident: { ...withEvidence(), id, state: 'closed' as const, ...overrides },
  notes: [],
})
const otherStep = (id: string) => {
  const [finding] = withEvidence().findings
  if (!finding) throw new Error('it has one')
  const evidenceOf = [someEvidence('eu-west', { step: 'pay', message: 'timeout' })]
  return past(id, { findings: [{ ...finding, evidence: evidenceOf }] })
}

test('what failed in the same way comes first, and tells what ended it', () => {
  const resolved = {
    at: NOW,
    by: 'ada',
    as: 'cause_fixed' as const,
    reason: 'the pool has a limit',
  }
  const same = past('INC-3', {
    resolved,
    mitigated: { at: NOW, by: 'grace', note: 'restarted' },
    recoveredAt: NOW + MINUTE,
  })
  const notes = [{ by: 'ada', text: 'it is the pool' }]
  expect(similarIncidents(withEvidence(), [otherStep('INC-4'), { ...same, notes }])).toMatchObject([
    {
      incidentId: 'INC-3',
      alike: ['failure', 'step', 'check'],
      impactMs: 2 * MINUTE,
      fixedBy: [
        { from: 'cause', by: 'ada', text: 'the pool has a limit' },
        { from: 'mitigation', by: 'grace', text: 'restarted' },
        { from: 'note', by: 'ada', text: 'it is the pool' },
      ],
    },
    { incidentId: 'INC-4', alike: ['check'], fixedBy: [] },
  ])
})

test('an accepted risk did not end it, another check is not alike, and it is not like itself', () => {
  const resolved = { at: NOW, by: 'ada', as: 'risk_accepted' as const, reason: 'rare' }
  expect(similarIncidents(withEvidence(), [past('INC-3', { resolved })])[0]?.fixedBy).toEqual([])
  const other = {
    incident: { ...anIncident(aFinding({ key: 'check:pay' })), id: 'INC-2' },
    notes: [],
  }
  expect(similarIncidents(withEvidence(), [other, past('INC-42')])).toEqual([])
})

const counting = (id: string, more: Partial<Query>): Query =>
  ({
    ...{ id, name: id, kind: 'loki', url: 'http://loki', query: 'count()' },
    ...{ serviceId: 'storefront', everyMs: MINUTE, overMs: 10 * MINUTE },
    ...more,
  }) as Query

test('whom it affects is told by the query that counts them, with what it counts', () => {
  const means = 'distinct client addresses, last 10 min'
  const queries = [
    counting('elsewhere', { impact: 'users', means, serviceId: 'payments' }),
    counting('clients', { impact: 'users', means }),
    counting('errors', { impact: 'share', means: 'of the requests, last 5 min' }),
  ]
  const answer = { kind: 'number' as const, value: 2_391 }
  const shown = card(withEvidence(), {
    fleet: { ...fleet, queries },
    readings: new Map([['clients', { at: NOW, reading: answer }]]),
  })
  expect(shown.affected).toMatchObject({
    users: { queryId: 'clients', source: 'loki', means, asked: { at: NOW, answer } },
    share: { queryId: 'errors', source: 'loki', means: 'of the requests, last 5 min' },
  })
  expect(shown.affected.share?.asked).toBeUndefined()
  expect(card(withEvidence()).affected.users).toBeUndefined()
})

test.each([
  { why: 'one network alone', regions: ['eu-west'], segment: 'network acme' },
  { why: 'two networks', regions: ['eu-west', 'us-east'], segment: undefined },
  { why: 'a region of the network is well', regions: ['us-east'], segment: undefined },
  { why: 'all of a network', regions: ['us-east', 'ap-south'], segment: 'network other' },
  { why: 'everywhere', regions: ['eu-west', 'us-east', 'ap-south'], segment: undefined },
])('what fails has a segment in common: $why', ({ regions, segment }) => {
  expect(card(anIncident(aFinding({ regions }))).affected.segment).toBe(segment)
})

test('where to look at the affected services is told, the own first', () => {
  const orders = { name: 'Orders', url: 'https://grafana.example.com/d/orders' }
  const [storefront, ...others] = fleet.services
  if (!storefront) throw new Error('the fleet has a service')
  const linked = { ...fleet, services: [{ ...storefront, links: [orders] }, ...others] }
  expect(card(withEvidence(), { fleet: linked }).needed.links).toEqual([orders])
  expect(card(withEvidence()).needed).not.toHaveProperty('links')
})
