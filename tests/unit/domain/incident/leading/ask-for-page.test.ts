import { expect, test } from 'vitest'
import {
  ASKED_AGAIN_MS,
  askForPage,
} from '../../../../../src/domain/incident/commands/ask-for-page.ts'
import type { Incident } from '../../../../../src/protocol/incident.ts'
import type { OnCall } from '../../../../../src/protocol/on-call.ts'
import type { Runbook } from '../../../../../src/protocol/runbook.ts'
import { anOnCall } from '../../../../support/on-call.ts'
import { after, anIncident, NOW } from '../reports.ts'

const runbook: Runbook = {
  ...{ id: 'disk-full', title: 'Disk full', binding: { services: ['storefront'] }, alert: 'Full.' },
  ...{ severity: 'SEV-2', prerequisites: [], steps: [{ what: 'Look.' }], escalation: '' },
  calls: [
    { duty: { kind: 'owner', role: 'lead' }, who: 'the lead of the team that owns it' },
    { duty: { kind: 'person', personId: 'ada' }, who: 'ada' },
  ],
}
const onCall = anOnCall({ ada: [] })

const ask = (
  asked: Partial<Parameters<typeof askForPage>[2]> = {},
  {
    incident = anIncident(),
    now = NOW,
    commandId,
    roster = onCall,
  }: { incident?: Incident; now?: number; commandId?: string; roster?: OnCall | undefined } = {},
) =>
  askForPage(
    incident,
    { by: 'grace', now, commandId },
    { runbookId: 'disk-full', call: 1, ...asked },
    { runbooks: [runbook], onCall: roster },
  )

test('whom a runbook names is a duty of the team that owns the service, and a deed of its own', () => {
  const decision = ask({ note: 'a slot would have to go' })
  if (decision.kind === 'rejected') throw new Error(decision.reason)
  expect(decision.events).toMatchObject([
    {
      type: 'page_asked',
      actor: { kind: 'person', name: 'grace' },
      duty: { kind: 'team', teamId: 'shop', role: 'lead' },
      note: 'a slot would have to go',
    },
  ])
  expect(after(anIncident(), decision.events)).toMatchObject({
    asked: [{ runbookId: 'disk-full', call: 1, by: 'grace', at: NOW }],
    progressAt: NOW,
  })
})

const asked = { ...anIncident(), asked: [{ runbookId: 'disk-full', call: 1, by: 'bo', at: NOW }] }

test.each<{
  why: string
  of: Parameters<typeof ask>
  code: string | undefined
}>([
  { why: 'it names nobody of this number', of: [{ call: 3 }], code: 'incident.step_unknown' },
  { why: 'there is no such runbook', of: [{ runbookId: 'dns' }], code: 'incident.step_unknown' },
  {
    why: 'no team owns the service',
    of: [{}, { incident: { ...anIncident(), serviceId: 'payments' } }],
    code: 'incident.nobody_to_page',
  },
  {
    why: 'a person is named, whoever owns it',
    of: [{ call: 2 }, { incident: { ...anIncident(), serviceId: 'payments' } }],
    code: undefined,
  },
  {
    why: 'nobody is in config/on-call.yaml',
    of: [{ call: 2 }, { roster: { ...onCall, people: [] } }],
    code: 'incident.nobody_to_page',
  },
  {
    why: 'it is over',
    of: [{}, { incident: { ...anIncident(), state: 'restored' } }],
    code: 'incident.wrong_state',
  },
  {
    why: 'a slip: somebody did so just now',
    of: [{}, { incident: asked, now: NOW + ASKED_AGAIN_MS - 1 }],
    code: 'incident.no_change',
  },
  {
    why: 'they did not answer',
    of: [{}, { incident: asked, now: NOW + ASKED_AGAIN_MS }],
    code: undefined,
  },
  { why: 'somebody else is asked for', of: [{ call: 2 }, { incident: asked }], code: undefined },
])('$why: $code', ({ of, code }) => {
  const decision = ask(...of)
  expect(decision.kind === 'rejected' ? decision.code : undefined).toBe(code)
})

test('the same command again calls nobody twice', () => {
  const incident = { ...anIncident(), commandIds: ['command-1'] }
  expect(ask({}, { incident, commandId: 'command-1' })).toEqual({ kind: 'accepted', events: [] })
})
