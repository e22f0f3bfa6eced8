import { expect, test } from 'vitest'
import {
  actorWords,
  eventWords,
  isShownBy,
  TIMELINE_FILTERS,
  timelineFilterOf,
} from '../../../../src/dashboard/words/event-words.ts'
import type { Evidence, Finding, IncidentEvent } from '../../../../src/protocol/incident.ts'
import { IncidentEvent as IncidentEventSchema } from '../../../../src/protocol/incident.ts'
import { at } from '../../../support/builders.ts'

const finding: Finding = {
  key: 'check:checkout-stop',
  kind: 'check_failing',
  subject: 'Buy a lamp',
  checkId: 'checkout-stop',
  tier: 'core',
  scope: 'regional',
  regions: ['eu-west', 'us-east'],
  regionsWatching: 3,
  since: 0,
  reason: 'failed twice',
}
const silent: Finding = {
  ...finding,
  key: 'region:ap-south',
  kind: 'region_silent',
  subject: 'ap-south',
  regions: ['ap-south'],
}
const evidence: Evidence = {
  runId: '00000000-0000-4000-8000-000000000001',
  checkId: 'checkout-stop',
  checkKind: 'journey',
  regionId: 'eu-west',
  slotAt: 0,
  startedAt: 0,
  step: 'pay',
  message: 'HTTP 502\nmore lines',
}
const verifyUntil = at('2026-03-13T15:16:00Z')

type Words<E> = E extends unknown
  ? Omit<E, 'sequence' | 'occurredAt' | 'recordedAt' | 'actor'>
  : never

const ROWS: { event: Words<IncidentEvent>; what: string; detail?: string }[] = [
  {
    event: {
      type: 'opened',
      serviceId: 'storefront',
      title: 'Storefront fails',
      severity: 'SEV-1',
      severityReason: 'because',
    },
    what: 'Opened as SEV-1: Storefront fails',
    detail: 'because',
  },
  {
    event: { type: 'finding_joined', finding },
    what: 'Buy a lamp fails in eu-west and us-east (2 of 3 regions)',
    detail: 'failed twice',
  },
  {
    event: { type: 'finding_joined', finding: silent },
    what: 'Region ap-south is silent',
    detail: 'failed twice',
  },
  {
    event: { type: 'finding_widened', finding },
    what: 'Buy a lamp fails in more regions',
    detail: 'Now in eu-west and us-east (2 of 3 regions): failed twice',
  },
  {
    event: { type: 'finding_narrowed', finding: { ...finding, regions: ['eu-west'] } },
    what: 'Buy a lamp fails in fewer regions',
    detail: 'Now in eu-west (1 of 3 regions): failed twice',
  },
  {
    event: { type: 'finding_cleared', key: finding.key, reason: 'passed' },
    what: 'Buy a lamp is clear',
    detail: 'passed',
  },
  {
    event: { type: 'evidence_added', key: finding.key, evidence },
    what: 'checkout-stop failed in eu-west, step “pay”',
    detail: 'HTTP 502',
  },
  {
    event: { type: 'severity_raised', from: 'SEV-2', to: 'SEV-1', reason: 'wider' },
    what: 'Raised from SEV-2 to SEV-1',
    detail: 'wider',
  },
  {
    event: { type: 'recovered', reason: 'clear', verifyUntil },
    what: 'Recovered; restored at 15:16:00 if it stays clean',
    detail: 'clear',
  },
  {
    event: { type: 'relapsed', reason: 'again' },
    what: 'Failed again while it was being verified',
    detail: 'again',
  },
  { event: { type: 'restored', reason: 'stayed' }, what: 'Restored', detail: 'stayed' },
  {
    event: { type: 'recurred', reason: 'back' },
    what: 'Came back after it was restored',
    detail: 'back',
  },
]

const stamped = (event: Words<IncidentEvent>) =>
  ({
    ...event,
    sequence: 1,
    occurredAt: 0,
    recordedAt: 0,
    actor: { kind: 'system' },
  }) as IncidentEvent

test.each(ROWS)('$event.type reads: $what', ({ event, what, detail }) => {
  const subjectOf = (key: string) => (key === finding.key ? finding.subject : key)
  expect(eventWords(stamped(event), subjectOf, 'UTC')).toEqual({ what, detail })
})

test('every type of event has its words and belongs to one filter', () => {
  const types = IncidentEventSchema.options.map((option) => option.shape.type.value)
  expect(new Set(ROWS.map((row) => row.event.type))).toEqual(new Set(types))
  for (const type of types)
    expect(TIMELINE_FILTERS.filter((filter) => isShownBy(filter, { type }))).toHaveLength(2)
})

test('an event that a newer coordinator tells of is still shown', () => {
  const event = { ...stamped({ type: 'restored', reason: '' }), type: 'role_assigned' } as never
  expect(eventWords(event, String)).toEqual({ what: 'Role assigned' })
  expect(isShownBy('all', event)).toBe(true)
})

test('a filter that does not exist means all', () => {
  expect(timelineFilterOf('nonsense')).toBe('all')
  expect(timelineFilterOf(null)).toBe('all')
  expect(timelineFilterOf('evidence')).toBe('evidence')
})

test('people are named, and what nobody did is ours', () => {
  expect(actorWords({ kind: 'person', name: 'Ada' })).toBe('Ada')
  expect(actorWords({ kind: 'system' })).toBe('Firewatch')
})
