import { expect, test } from 'vitest'
import { changeSeverity } from '../../../../../src/domain/incident/commands/change-severity.ts'
import { confirm, declare, standDown } from '../../../../../src/domain/incident/commands/declare.ts'
import { reopen, resolve } from '../../../../../src/domain/incident/commands/finish.ts'
import type { Decision } from '../../../../../src/domain/incident/commands/order.ts'
import { postUpdate } from '../../../../../src/domain/incident/commands/post-update.ts'
import { audienceOf } from '../../../../../src/domain/incident/stakeholders/audience.ts'
import {
  decideTold,
  type ToldContact,
} from '../../../../../src/domain/incident/stakeholders/decide-told.ts'
import {
  clearFinding,
  completeVerification,
  reportFinding,
} from '../../../../../src/domain/incident/transition.ts'
import type { Incident, IncidentEvent } from '../../../../../src/protocol/incident.ts'
import type { Stakeholder } from '../../../../../src/protocol/on-call.ts'
import { aFinding, after, anIncident, aReport, globally, NOW, VERIFY_FOR_MS } from '../reports.ts'

const aStakeholder = (id: string, overrides: Partial<Stakeholder> = {}): Stakeholder => ({
  ...{ id, name: id, severity: 'SEV-1' },
  contacts: [{ id: 'desk', destination: { kind: 'email', to: `${id}@example.com` } }],
  ...overrides,
})
const leadership = aStakeholder('leadership')
const support = aStakeholder('support', { severity: 'SEV-2' })

type Changed = { incident: Incident; events: IncidentEvent[] }
const by = { by: 'ada', now: NOW }

/** What a command, or what comes by itself, made of an incident. */
function changed(before: Incident, did: Decision | IncidentEvent[]): Changed {
  const events = Array.isArray(did) ? did : did.kind === 'accepted' ? did.events : []
  if (events.length === 0) throw new Error('it was refused')
  return { incident: after(before, events), events }
}
const report = (incident: Incident, finding = globally()) =>
  changed(incident, reportFinding(incident, aReport({ finding })))

const triage = anIncident(globally())
const declared = changed(triage, declare(triage, by))
const some = anIncident(aFinding())
const minor = changed(some, declare(some, by))
const verifying = after(
  declared.incident,
  clearFinding(declared.incident, 'check:checkout-stop', 'passed twice', NOW, VERIFY_FOR_MS),
)
const restored = changed(verifying, completeVerification(verifying, NOW + VERIFY_FOR_MS))
const context = { everyMs: undefined, components: undefined, newPublicId: 'p' }
const update = changed(
  declared.incident,
  postUpdate(
    declared.incident,
    by,
    { impact: 'Nobody can pay.', currentStatus: 'Rolling back.', nextSteps: 'Look again.' },
    { ...context, text: { people: [], hosts: [], products: [] } as never },
  ),
)
const tellingOf = (states: ToldContact['states'], stakeholderId = 'leadership'): ToldContact => ({
  ...{ stakeholderId, contactId: 'desk', states },
})
const TOLD = [tellingOf(['delivered'])]

test.each<{
  why: string
  change: Changed
  told?: ToldContact[]
  stakeholders?: Stakeholder[]
  expected: string[]
}>([
  {
    why: 'nobody has looked at it yet',
    change: { incident: triage, events: [] },
    expected: [],
  },
  { why: 'more regions join before anybody looked', change: report(some), expected: [] },
  {
    why: 'a person declares it, as severe as both want to hear of',
    change: declared,
    expected: ['confirmed → leadership', 'confirmed → support'],
  },
  {
    why: 'a person confirms it, and it stays in triage',
    change: changed(triage, confirm(triage, by, undefined)),
    expected: ['confirmed → leadership', 'confirmed → support'],
  },
  {
    why: 'it is less severe than leadership wants to hear of',
    change: minor,
    expected: ['confirmed → support'],
  },
  {
    why: 'it is raised once it was declared: who knows of it hears that in an update',
    change: report(minor.incident),
    told: [tellingOf(['delivered'], 'support')],
    expected: ['confirmed → leadership'],
  },
  {
    why: 'it is of a service that they do not ask about',
    change: declared,
    stakeholders: [aStakeholder('elsewhere', { services: ['warehouse'] })],
    expected: [],
  },
  {
    why: 'it is of the fleet itself: only who asks for that by name hears of it',
    change: { ...declared, incident: { ...declared.incident, serviceId: 'fleet' } },
    stakeholders: [leadership, aStakeholder('platform', { services: ['fleet'] })],
    expected: ['confirmed → platform'],
  },
  {
    why: 'it is of a service that they ask about',
    change: declared,
    stakeholders: [aStakeholder('shop', { services: ['storefront'] })],
    expected: ['confirmed → shop'],
  },
  {
    why: 'an update goes to who was told, and the others hear of it first',
    change: update,
    told: TOLD,
    expected: ['update → leadership', 'confirmed → support'],
  },
  {
    why: 'the first word to them did not arrive: an update says enough by itself',
    change: update,
    told: [tellingOf(['undeliverable'])],
    stakeholders: [leadership],
    expected: ['update → leadership'],
  },
  {
    why: 'it is restored: exactly those who were told hear it',
    change: restored,
    told: TOLD,
    expected: ['restored → leadership'],
  },
  {
    why: 'nothing ever arrived there',
    change: restored,
    told: [tellingOf(['undeliverable']), tellingOf(['undeliverable', 'ambiguous'], 'support')],
    expected: ['restored → support'],
  },
  {
    why: 'who left the file was told before',
    change: restored,
    told: TOLD,
    stakeholders: [],
    expected: ['restored → leadership'],
  },
  { why: 'nobody knows that it was there', change: restored, expected: [] },
  {
    why: 'it comes back',
    change: report(restored.incident),
    told: TOLD,
    stakeholders: [leadership],
    expected: ['back → leadership'],
  },
  {
    why: 'somebody says that it is not over',
    change: changed(restored.incident, reopen(restored.incident, by, 'still slow')),
    told: TOLD,
    stakeholders: [leadership],
    expected: ['back → leadership'],
  },
  {
    why: 'its cause is mended',
    change: changed(
      restored.incident,
      resolve(restored.incident, by, {
        ...{ as: 'cause_fixed', reason: 'more disk', watchAccepted: 'known' },
      }),
    ),
    told: TOLD,
    expected: ['resolved → leadership'],
  },
  {
    why: 'nobody is needed after all',
    change: changed(declared.incident, standDown(declared.incident, by, 'a drill')),
    told: TOLD,
    expected: ['ended → leadership'],
  },
  {
    why: 'it is lowered: the story that was begun goes on',
    change: changed(
      declared.incident,
      changeSeverity(declared.incident, by, { to: 'SEV-3', reason: 'few buy now' }),
    ),
    told: TOLD,
    expected: [],
  },
])('$expected: $why', ({ change, told = [], stakeholders = [leadership, support], expected }) => {
  const decisions = decideTold({ ...change, stakeholders, told })
  expect(decisions.map(({ news, stakeholderId }) => `${news} → ${stakeholderId}`)).toEqual(expected)
  for (const { contactIds } of decisions) expect(contactIds).toEqual(['desk'])
})

test('whoever communicates sees who knows of it, and who would', () => {
  const stakeholders = [leadership, support, aStakeholder('elsewhere', { services: ['other'] })]
  expect(audienceOf(minor.incident, stakeholders, [tellingOf(['pending'], 'support')])).toEqual([
    { id: 'leadership', name: 'leadership', severity: 'SEV-1', isTold: false },
    { id: 'support', name: 'support', severity: 'SEV-2', isTold: true },
  ])
})

test('the reason says what they want to hear of', () => {
  const stakeholders = [aStakeholder('support', { severity: 'SEV-2', services: ['storefront'] })]
  const [decision] = decideTold({ ...declared, stakeholders, told: [] })
  expect(decision?.reason).toBe('support is told of SEV-2 and worse of storefront')
})
