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
import type { Swept } from '../../../../src/protocol/sweep.ts'
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

const PLACE = { pageId: 'INC-1.p1', round: 1, step: 1 }
const PEOPLE = [{ id: 'first-responder', name: 'First responder' }]

type Words<E> = E extends unknown
  ? Omit<E, 'sequence' | 'occurredAt' | 'recordedAt' | 'actor'>
  : never

const asked = {
  ...{ source: 'prometheus', asks: 'sum(x)', deadlineMs: 10_000, askedAt: 0, tookMs: 80 },
}
const SWEPT: Swept = {
  queries: [
    { ...asked, queryId: 'a', name: 'a', answer: { kind: 'number', value: 0.2, isBad: true } },
    { ...asked, queryId: 'b', name: 'b', answer: { kind: 'unknown', reason: 'it answered 503' } },
  ],
  checks: [
    {
      ...{ checkId: 'c', name: 'c', deadlineMs: 9_000 },
      regions: [
        { kind: 'run', regionId: 'eu-west', runId: 'r', verdict: 'passed', afterMs: 300 },
        { kind: 'late', regionId: 'us-east' },
      ],
    },
    {
      ...{ checkId: 'd', name: 'd', deadlineMs: 9_000 },
      regions: [{ kind: 'run', regionId: 'eu-west', runId: 's', verdict: 'failed', afterMs: 300 }],
    },
  ],
  left: 2,
}

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
  { event: { type: 'declared', note: 'all hands' }, what: 'Declared', detail: 'all hands' },
  { event: { type: 'confirmed' }, what: 'Confirmed that it is real' },
  {
    event: { type: 'declined', as: 'false_alarm', reason: 'our proxy' },
    what: 'Declined as a false alarm',
    detail: 'our proxy',
  },
  {
    event: { type: 'declined', as: 'ticket', reason: 'it can wait', ticket: 'OPS-12' },
    what: 'Declined: a ticket is enough (OPS-12)',
    detail: 'it can wait',
  },
  { event: { type: 'stood_down', reason: 'small' }, what: 'Stood down', detail: 'small' },
  { event: { type: 'acknowledged', generation: 2 }, what: 'Acknowledged' },
  { event: { type: 'noted', text: 'restarted it' }, what: 'restarted it' },
  {
    event: { type: 'severity_lowered', from: 'SEV-1', to: 'SEV-3', reason: 'night', knowing: [] },
    what: 'Lowered from SEV-1 to SEV-3',
    detail: 'night',
  },
  {
    event: { type: 'data_at_risk', what: 'orders stored twice' },
    what: 'Fears that data is lost or wrong',
    detail: 'orders stored twice',
  },
  {
    event: { type: 'data_at_risk_withdrawn', reason: 'counted' },
    what: 'No data is at risk any more',
    detail: 'counted',
  },
  {
    event: { type: 'mitigated', note: 'rolled back' },
    what: 'Says that the impact is over',
    detail: 'rolled back',
  },
  {
    event: { type: 'resolved', as: 'cause_fixed', reason: 'a limit' },
    what: 'Resolved: the cause is fixed',
    detail: 'a limit',
  },
  {
    event: { type: 'resolved', as: 'risk_accepted', reason: 'rare' },
    what: 'Resolved: risk accepted',
    detail: 'rare',
  },
  { event: { type: 'closed' }, what: 'Closed' },
  { event: { type: 'reopened', reason: 'calls' }, what: 'Reopened', detail: 'calls' },
  {
    event: { ...PLACE, type: 'paged', as: 'page', people: PEOPLE, reason: 'it was opened' },
    what: 'Paged First responder',
    detail: 'it was opened',
  },
  {
    event: {
      ...PLACE,
      step: 2,
      round: 3,
      type: 'paged',
      as: 'notice',
      people: PEOPLE,
      reason: 'x',
    },
    what: 'Told First responder (step 2, round 3)',
    detail: 'x',
  },
  {
    event: { ...PLACE, type: 'nobody_on_call', isPassed: true, reason: 'no rotation' },
    what: 'Nobody could be paged; the next step came at once',
    detail: 'no rotation',
  },
  {
    event: { ...PLACE, type: 'nobody_on_call', isPassed: false, reason: 'no secondary' },
    what: 'Somebody of this step is not there',
    detail: 'no secondary',
  },
  {
    event: { ...PLACE, type: 'page_undeliverable', people: PEOPLE, reason: 'ntfy answered 401' },
    what: 'No page to First responder arrived; the next step came at once',
    detail: 'ntfy answered 401',
  },
  {
    event: { pageId: 'INC-1.p1', type: 'unowned', reason: 'nobody answered', told: PEOPLE },
    what: 'Nobody has it; told First responder',
    detail: 'nobody answered',
  },
  {
    event: { type: 'acknowledgement_expired', reason: 'nothing for 20 min' },
    what: 'The acknowledgement does not hold any more',
    detail: 'nothing for 20 min',
  },
  { event: { type: 'noted', text: 'roll back', as: 'decision' }, what: 'Decision: roll back' },
  {
    event: {
      type: 'role_assumed',
      role: 'operations_lead',
      person: 'Ada',
      from: 'Grace',
      note: 'she sleeps',
    },
    what: 'Ada is Operations Lead, in place of Grace',
    detail: 'she sleeps',
  },
  {
    event: { type: 'role_renounced', role: 'scribe', person: 'Ada' },
    what: 'Ada is no longer Scribe',
  },
  {
    event: { type: 'next_action_set', text: 'look at the disk', who: 'Ada' },
    what: 'Next: look at the disk (Ada)',
  },
  { event: { type: 'next_action_set' }, what: 'Nothing is planned next' },
  {
    event: { type: 'corrected', target: 4, text: 'db-2', reason: 'the wrong host' },
    what: 'Corrected an earlier entry',
    detail: 'the wrong host',
  },
  {
    event: {
      type: 'step_done',
      runbookId: 'disk-full',
      step: 8,
      what: 'Remove the old ones.',
      result: 'three files',
      on: 'db-1',
      secondPerson: 'Grace',
    },
    what: 'Did step 8 of disk-full on db-1, with Grace: Remove the old ones.',
    detail: 'three files',
  },
  {
    event: {
      type: 'page_asked',
      ...{ runbookId: 'disk-full', call: 1, who: 'the lead of database' },
      ...{ duty: { kind: 'team', teamId: 'database', role: 'lead' }, note: 'a slot is full' },
    },
    what: 'Asked for the lead of database, by the runbook disk-full',
    detail: 'a slot is full',
  },
  {
    event: {
      type: 'ticket_opened',
      ticket: { tracker: 'jira', key: 'OPS-7' },
      reason: 'SEV-3 is work for the next business day',
    },
    what: 'Ticket OPS-7 opened',
    detail: 'SEV-3 is work for the next business day',
  },
  {
    event: { type: 'step_undone', runbookId: 'disk-full', step: 1, what: 'Look.', reason: 'wrong' },
    what: 'Took back step 1 of disk-full: Look.',
    detail: 'wrong',
  },
  {
    event: { type: 'progress_missing', since: verifyUntil },
    what: 'Nobody has found, decided or done anything since 15:16:00',
    detail: 'Change the approach, bring in help, or say why it goes on like this.',
  },
  {
    event: { type: 'update_promised', nextAt: verifyUntil, reason: 'at SEV-1' },
    what: 'Next update promised for 15:16:00',
    detail: 'at SEV-1',
  },
  ...(['soon', 'due', 'overdue'] as const).map((stage) => ({
    event: { type: 'update_reminded' as const, stage, nextAt: verifyUntil, to: ['Ada'] },
    what: {
      soon: 'The update promised for 15:16:00 is due soon',
      due: 'The update promised for 15:16:00 is due',
      overdue: 'The update of 15:16:00 is overdue',
    }[stage],
    detail: 'Told Ada',
  })),
  {
    event: {
      type: 'update_posted',
      internal: {
        severity: 'SEV-1',
        impact: 'Nobody can pay.',
        currentStatus: 'Rolling back.',
        nextSteps: 'Look again.',
      },
      nextAt: verifyUntil,
    },
    what: 'Posted an update',
    detail:
      'Severity: SEV-1\nImpact: Nobody can pay.\nCurrent Status: Rolling back.\nNext Steps: Look again.\nNext Update: 15:16:00\nNot told to the public',
  },
  {
    event: { type: 'merged', into: 'INC-7', reason: 'same' },
    what: 'Became a part of INC-7',
    detail: 'same',
  },
  {
    event: {
      type: 'absorbed',
      from: 'INC-8',
      findings: [{ ...finding, evidence: [] }],
      counted: [{ key: 'check:search', scope: 'global' }],
    },
    what: 'INC-8 became a part of this',
    detail: 'With 2 findings',
  },
  {
    event: { type: 'split_off', into: 'INC-9', keys: [finding.key], reason: 'another' },
    what: 'Buy a lamp went to INC-9',
    detail: 'another',
  },
  {
    event: { type: 'split_from', from: 'INC-1', findings: [{ ...finding, evidence: [] }] },
    what: 'Split off INC-1',
    detail: 'With Buy a lamp',
  },
  {
    event: { type: 'finding_counted', finding: { key: finding.key, scope: 'global' } },
    what: 'Buy a lamp fails as well',
  },
  {
    event: {
      type: 'gate_restarted',
      condition: 'errors',
      reason: '1 of 9 runs failed',
      verifyUntil: Date.parse('2026-03-13T15:20:00Z'),
    },
    what: 'Verification begins anew; restored at 15:20:00 if it stays clean',
    detail: '1 of 9 runs failed',
  },
  {
    event: {
      type: 'gate_ticked',
      item: 'reconciliation',
      outcome: 'deferred',
      owner: 'first-responder',
      note: '12 orders',
    },
    what: 'Data reconciled: left for later, first-responder does it',
    detail: '12 orders',
  },
  {
    event: { type: 'gate_ticked', item: 'communication', outcome: 'done' },
    what: 'People told: done',
  },
  {
    event: {
      type: 'gate_overridden',
      reason: 'the probes are moving',
      unmet: [{ name: 'missing', state: 'broken', reason: '9 of 20 are missing' }],
    },
    what: 'Passed over the verification',
    detail: 'the probes are moving\nNot met: 9 of 20 are missing',
  },
  {
    event: {
      type: 'watch_started',
      until: Date.parse('2026-03-15T15:20:00Z'),
      checks: [
        {
          checkId: 'checkout-stop',
          name: 'Buy a lamp',
          rule: { failuresToFire: 2, regionsMin: 2, passesToResolve: 2 },
          changes: ['failures in a row 3 → 2'],
        },
      ],
    },
    what: 'Watched closer until 15 Mar, 15:20',
    detail: 'Buy a lamp (failures in a row 3 → 2)',
  },
  {
    event: { type: 'watch_ended', reason: 'nothing came back' },
    what: 'Not watched closer any more',
    detail: 'nothing came back',
  },
  {
    event: {
      type: 'mitigation_applied',
      mitigationId: 'm1',
      kind: 'rollback',
      what: 'back to 811',
      target: 'orders',
    },
    what: 'Rollback of orders: back to 811',
  },
  {
    event: { type: 'mitigation_undone', mitigationId: 'm1', note: 'it was not that' },
    what: 'Took mitigation m1 back',
    detail: 'it was not that',
  },
  {
    event: {
      type: 'mitigation_measured',
      mitigationId: 'm1',
      effect: {
        verdict: 'worked',
        words: 'failing 100 % → 0 % after 50 s',
        before: { runs: 9, failed: 9 },
        after: { runs: 9, failed: 0 },
        overMs: 300_000,
      },
    },
    what: 'Mitigation m1: failing 100 % → 0 % after 50 s',
  },
  {
    event: { type: 'postmortem_moved', to: 'draft', dueAt: Date.parse('2026-03-15T15:20:00Z') },
    what: 'Postmortem drafted',
    detail: 'Due 15 Mar, 15:20',
  },
  {
    event: { type: 'postmortem_moved', to: 'in_review', note: 'on Monday' },
    what: 'Postmortem in review',
    detail: 'on Monday',
  },
  {
    event: { type: 'sweep_begun', queries: 1, checks: 3 },
    what: 'Asked 1 query and 3 checks at once',
  },
  {
    event: { type: 'swept', result: SWEPT },
    what: 'The sweep: 2 of 4 are bad, 1 tells nothing, 2 more were not asked',
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
