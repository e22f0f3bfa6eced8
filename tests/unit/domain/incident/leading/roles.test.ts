import { expect, test } from 'vitest'
import { acknowledge } from '../../../../../src/domain/incident/commands/acknowledge.ts'
import type { Decision, Order } from '../../../../../src/domain/incident/commands/order.ts'
import {
  giveUpRole,
  handOverRole,
  takeRole,
} from '../../../../../src/domain/incident/commands/roles.ts'
import {
  holderOf,
  offeredRole,
  peopleWithTwoRoles,
  rolesHeld,
  toldOfUpdates,
  twoRolesHints,
} from '../../../../../src/domain/incident/leading/roles.ts'
import { notificationsFor } from '../../../../../src/domain/incident/notify.ts'
import type { Incident } from '../../../../../src/protocol/incident.ts'
import { after, anIncident, MINUTE, NOW, typesOf } from '../reports.ts'

const by = (name: string, now = NOW): Order => ({ by: name, now })
const done = (incident: Incident, decision: Decision): Incident => {
  if (decision.kind === 'rejected') throw new Error(decision.reason)
  return after(incident, decision.events)
}
const COMMAND = { role: 'incident_commander' as const }

test('taking command announces itself on the timeline and to channels', () => {
  const incident = anIncident()
  const decision = takeRole(incident, by('ada'), COMMAND)
  if (decision.kind === 'rejected') throw new Error(decision.reason)
  expect(typesOf(decision.events)).toEqual(['role_assumed', 'noted'])
  expect(decision.events[1]).toMatchObject({
    text: 'I am acting as Incident Commander for this incident.',
    actor: { name: 'ada' },
  })
  const led = after(incident, decision.events)
  expect(notificationsFor(decision.events[0] as never, led)).toMatchObject([
    {
      type: 'incident.command_taken',
      data: { by: 'ada', text: 'I am acting as Incident Commander for this incident.' },
    },
  ])
  expect(rolesHeld(led)).toEqual([{ ...COMMAND, person: 'ada', assumedAt: NOW }])
})

test('a role is handed over with the times of both, and nobody loses one unawares', () => {
  const led = done(anIncident(), takeRole(anIncident(), by('ada'), COMMAND))
  expect(takeRole(led, by('grace'), COMMAND)).toMatchObject({
    code: 'incident.reason_missing',
    reason:
      'ada is Incident Commander of INC-42; they can hand it over, or you say in a note why you take it',
  })
  const taken = done(
    led,
    takeRole(led, by('grace', NOW + MINUTE), { ...COMMAND, note: 'ada sleeps' }),
  )
  expect(taken.roles).toEqual([
    { ...COMMAND, person: 'ada', assumedAt: NOW, renouncedAt: NOW + MINUTE },
    { ...COMMAND, person: 'grace', assumedAt: NOW + MINUTE },
  ])
  const over = handOverRole(taken, by('grace', NOW + 2 * MINUTE), { ...COMMAND, to: 'linus' })
  expect(over).toMatchObject({ events: [{ type: 'role_assumed', from: 'grace', person: 'linus' }] })
  const given = done(taken, over)
  expect(holderOf(given, 'incident_commander')).toBe('linus')
  const free = done(given, giveUpRole(given, by('linus', NOW + 3 * MINUTE), COMMAND))
  expect(holderOf(free, 'incident_commander')).toBeUndefined()
  for (const refused of [
    takeRole(led, by('ada'), COMMAND),
    handOverRole(led, by('ada'), { ...COMMAND, to: 'ada' }),
    giveUpRole(free, by('linus'), COMMAND),
  ])
    expect(refused).toMatchObject({ kind: 'rejected', code: 'incident.no_change' })
  expect(takeRole({ ...led, state: 'closed' }, by('eve'), COMMAND)).toMatchObject({
    code: 'incident.wrong_state',
  })
})

test('one person with two roles is told so after fifteen minutes of the second', () => {
  const one = done(anIncident(), takeRole(anIncident(), by('ada'), COMMAND))
  const two = done(one, takeRole(one, by('ada', NOW + 5 * MINUTE), { role: 'operations_lead' }))
  expect(peopleWithTwoRoles(two, NOW + 19 * MINUTE)).toEqual([])
  expect(twoRolesHints(two, NOW + 20 * MINUTE)).toEqual([
    'ada is Incident Commander and Operations Lead; with a second person each gets done',
  ])
})

test('whoever acknowledged first is offered to be Operations Lead, until somebody is or was', () => {
  const incident = anIncident()
  expect(offeredRole(incident, [])).toBeUndefined()
  const decision = acknowledge(incident, by('ada'))
  if (decision.kind === 'rejected') throw new Error(decision.reason)
  const acked = after(incident, decision.events)
  expect(offeredRole(acked, decision.events)).toEqual({ role: 'operations_lead', to: 'ada' })
  const taken = done(acked, takeRole(acked, by('grace'), { role: 'operations_lead' }))
  const free = done(taken, giveUpRole(taken, by('grace'), { role: 'operations_lead' }))
  for (const led of [taken, free]) expect(offeredRole(led, decision.events)).toBeUndefined()
})

test('reminders are for whoever communicates, else whoever leads, else whoever has it', () => {
  const acked = done(anIncident(), acknowledge(anIncident(), by('ada')))
  expect(toldOfUpdates(acked, true)).toEqual(['ada'])
  const led = done(acked, takeRole(acked, by('grace'), COMMAND))
  expect(toldOfUpdates(led, true)).toEqual(['grace'])
  const both = done(led, takeRole(led, by('linus'), { role: 'communications_lead' }))
  expect(toldOfUpdates(both, false)).toEqual(['linus'])
  expect(toldOfUpdates(both, true)).toEqual(['linus', 'grace'])
  expect(toldOfUpdates(anIncident(), true)).toEqual([])
})
