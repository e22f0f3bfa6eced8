import { expect, test } from 'vitest'
import { type Draft, SYSTEM, stampEvents } from '../../../../src/domain/incident/stamp-events.ts'
import { decideTicket } from '../../../../src/domain/ticket/decide-ticket.ts'
import { incidentTicketId } from '../../../../src/domain/ticket/ticket-text.ts'
import type { Incident } from '../../../../src/protocol/incident.ts'
import type { Severity } from '../../../../src/protocol/severity.ts'
import { after, anIncident, NOW } from '../incident/reports.ts'

const minor = { ...anIncident(), severity: 'SEV-3' as Severity }

const decide = (
  drafts: Draft[],
  {
    isAsked = true,
    severity = 'SEV-3' as Severity,
    severities = ['SEV-3'] as Severity[],
    state = 'triage' as Incident['state'],
  } = {},
) => {
  const before = { ...minor, severity, state }
  const events = stampEvents(before, drafts, { now: NOW, actor: SYSTEM })
  return decideTicket({ incident: after(before, events), events, severities, isAsked })
}

const noted: Draft = { type: 'noted', text: 'looking' }

test.each<{
  why: string
  drafts: Draft[]
  options?: Parameters<typeof decide>[1]
  steps: string[]
}>([
  {
    why: 'what is open at SEV-3 is work for the next business day',
    drafts: [noted],
    options: { isAsked: false },
    steps: ['open: SEV-3 is work for the next business day'],
  },
  {
    why: 'one was asked for already',
    drafts: [noted],
    steps: [],
  },
  {
    why: 'what wakes people is no ticket',
    drafts: [noted],
    options: { isAsked: false, severity: 'SEV-2' },
    steps: [],
  },
  {
    why: 'where SEV-4 is a ticket as well',
    drafts: [noted],
    options: { isAsked: false, severity: 'SEV-4', severities: ['SEV-3', 'SEV-4'] },
    steps: ['open: SEV-4 is work for the next business day'],
  },
  {
    why: 'lowered to SEV-3 it can wait from now on',
    drafts: [
      { type: 'severity_lowered', from: 'SEV-2', to: 'SEV-3', reason: 'a few', knowing: [] },
    ],
    options: { isAsked: false, severity: 'SEV-2' },
    steps: ['open: SEV-3 is work for the next business day'],
  },
  {
    why: 'raised before anything was asked for, it pages instead',
    drafts: [{ type: 'severity_raised', from: 'SEV-3', to: 'SEV-1', reason: 'all of them' }],
    options: { isAsked: false },
    steps: [],
  },
  {
    why: 'declined because a ticket is enough, whatever its severity',
    drafts: [{ type: 'declined', as: 'ticket', reason: 'a known flake' }],
    options: { isAsked: false, severity: 'SEV-1' },
    steps: ['open: declined because a ticket is enough: a known flake'],
  },
  {
    why: 'who declines it to a ticket of theirs has one',
    drafts: [{ type: 'declined', as: 'ticket', reason: 'a known flake', ticket: 'OPS-7' }],
    options: { isAsked: false },
    steps: [],
  },
  {
    why: 'a false alarm is no work',
    drafts: [{ type: 'declined', as: 'false_alarm', reason: 'a probe' }],
    options: { isAsked: false },
    steps: [],
  },
  {
    why: 'its ticket hears that it became worse',
    drafts: [{ type: 'severity_raised', from: 'SEV-3', to: 'SEV-1', reason: 'all of them' }],
    steps: ['comment: INC-42 was raised from SEV-3 to SEV-1: all of them'],
  },
  {
    why: 'a false alarm closes its ticket',
    drafts: [{ type: 'declined', as: 'false_alarm', reason: 'a probe' }],
    steps: ['close: INC-42 was declined as a false alarm: a probe'],
  },
  {
    why: 'restored is not resolved',
    drafts: [{ type: 'restored', reason: 'clean for 15 min' }],
    options: { state: 'verifying' },
    steps: ['comment: INC-42 is restored: clean for 15 min. Its cause is not known to be fixed.'],
  },
  {
    why: 'resolved it is done',
    drafts: [{ type: 'resolved', as: 'cause_fixed', reason: 'a longer timeout' }],
    options: { state: 'restored' },
    steps: ['close: INC-42 is resolved, its cause is fixed: a longer timeout'],
  },
  {
    why: 'as a part of another it goes on there',
    drafts: [{ type: 'merged', into: 'INC-7', reason: 'the same' }],
    steps: ['close: INC-42 became a part of INC-7: the same'],
  },
])('$why', ({ drafts, options, steps }) => {
  expect(decide(drafts, options).map((step) => `${step.do}: ${step.text}`)).toEqual(steps)
})

test('an incident of the same number in another database is another ticket', () => {
  expect(incidentTicketId(minor)).toBe(incidentTicketId({ ...minor, openedAt: minor.openedAt }))
  expect(incidentTicketId(minor)).not.toBe(
    incidentTicketId({ ...minor, openedAt: minor.openedAt + 1 }),
  )
})
