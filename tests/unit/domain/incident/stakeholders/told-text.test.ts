import { expect, test } from 'vitest'
import type { StakeholderNews } from '../../../../../src/domain/incident/stakeholders/decide-told.ts'
import { toldText } from '../../../../../src/domain/incident/stakeholders/told-text.ts'
import type { Incident, IncidentEvent } from '../../../../../src/protocol/incident.ts'
import type { StatusPage } from '../../../../../src/protocol/status-page.ts'
import { aFinding, anIncident, globally, MINUTE, NOW } from '../reports.ts'

const label = (name: string) => ({ name, description: `${name} it is.` })
const severityLabels = {
  ...{ 'SEV-1': label('Critical'), 'SEV-2': label('Major') },
  ...{ 'SEV-3': label('Minor'), 'SEV-4': label('Low') },
}
const statusPage: StatusPage = {
  title: 'Status',
  components: [
    { id: 'checkout', name: 'Checkout', services: ['storefront'], checks: ['checkout-stop'] },
    { id: 'search', name: 'Search', services: ['storefront'], checks: ['search'] },
  ],
}
const NOTHING = 'There is nothing to acknowledge.'
const BECAUSE = `You read this because: support is told of SEV-2 and worse. ${NOTHING}`

const outage = (changes: Partial<Incident> = {}): Incident => ({
  ...anIncident(globally()),
  state: 'mitigating',
  ...changes,
})
const over = outage({
  ...{ state: 'restored', recoveredAt: NOW + 22 * MINUTE, restoredAt: NOW + 52 * MINUTE },
  findings: [{ ...globally(), clearedAt: NOW + 22 * MINUTE, evidence: [] }],
})

const posted = (changes: object = {}): IncidentEvent => ({
  ...{ type: 'update_posted', sequence: 9, occurredAt: NOW, recordedAt: NOW },
  actor: { kind: 'person', name: 'ada' },
  internal: {
    ...{ severity: 'SEV-1', impact: 'Nobody can pay' },
    ...{ currentStatus: 'Rolling back 812.', nextSteps: 'Look at the orders' },
  },
  ...changes,
})

const tell = (
  news: StakeholderNews,
  incident: Incident,
  more: { events?: IncidentEvent[]; statusPage?: StatusPage } = {},
) =>
  toldText({
    ...{ news, incident, serviceName: 'Storefront', events: more.events ?? [] },
    fleet: { severityLabels, ...(more.statusPage && { statusPage: more.statusPage }) },
    reason: 'support is told of SEV-2 and worse',
  })

test('the first word says what customers notice, who works on it, and what to answer', () => {
  const incident = outage({
    roles: [{ role: 'incident_commander', person: 'ada', assumedAt: NOW }],
    updates: { nextAt: NOW + 15 * MINUTE },
  })
  expect(tell('confirmed', incident, { statusPage })).toEqual({
    subject: 'SEV-1 INC-42: Storefront: not available',
    lines: [
      'What: Storefront: not available. Customers cannot use it at the moment.',
      'Seen by: checkout-stop fails in 3 of 3 regions.',
      'Since: 2026-03-13, 14:59 UTC',
      'Severity: SEV-1, Critical: Critical it is.',
      'Who: People work on it, led by ada.',
      'You hear more: 15:15 UTC, or sooner if status changes',
      'If customers ask: “We know that Checkout does not work as it should. Customers cannot use it at the moment. We are looking for the cause and working to bring it back.”',
      BECAUSE,
    ],
  })
})

test.each<{
  why: string
  news: StakeholderNews
  incident: Incident
  events?: IncidentEvent[]
  subject: string
  says: string[]
}>([
  {
    why: 'it fails in part, nobody leads and nothing is promised',
    news: 'confirmed',
    incident: { ...anIncident(aFinding()), state: 'mitigating' },
    subject: 'SEV-2 INC-42: Storefront: trouble for some customers',
    says: [
      'Who: People work on it.',
      'You hear more: when something changes',
      'If customers ask: “We know that Storefront does not work as it should. Some customers cannot use it at the moment. We are looking for the cause and working to bring it back.”',
    ],
  },
  {
    why: 'nothing is heard of it: what customers see is not known',
    news: 'confirmed',
    incident: outage({
      findings: [{ ...globally({ kind: 'no_data', reason: 'no runs' }), evidence: [] }],
    }),
    subject: 'SEV-1 INC-42: Storefront: its state is not known',
    says: [
      'What: Storefront: whether customers notice anything is not known.',
      'If customers ask: “We are looking into whether Storefront works as it should.”',
    ],
  },
  {
    why: 'nothing fails any more when it is confirmed',
    news: 'confirmed',
    incident: { ...over, state: 'verifying' },
    subject: 'SEV-1 INC-42: Storefront: works again for the moment',
    says: [
      'What: It works again for the moment, and is being verified.',
      'If customers ask: “Storefront works again. We are watching that it stays so.”',
    ],
  },
  {
    why: 'an update, as it was written, with what the public reads',
    news: 'update',
    incident: outage(),
    events: [
      posted({
        nextAt: NOW + 30 * MINUTE,
        public: {
          ...{ title: 't', status: 'identified', publicId: 'p', components: [] },
          ...{ acknowledgement: 'We know it', impact: 'You cannot pay.', work: 'We mend it.' },
        },
      }),
    ],
    subject: 'SEV-1 INC-42: update on Storefront',
    says: [
      'Impact: Nobody can pay.',
      'Now: Rolling back 812.',
      'Next: Look at the orders.',
      'You hear more: 15:30 UTC, or sooner if status changes',
      'If customers ask: “We know it. You cannot pay. We mend it.”',
    ],
  },
  {
    why: 'the last update',
    news: 'update',
    incident: outage(),
    events: [posted()],
    subject: 'SEV-1 INC-42: update on Storefront',
    says: ['This is the last update.'],
  },
  {
    why: 'it holds',
    news: 'restored',
    incident: over,
    subject: 'SEV-1 INC-42: Storefront works again',
    says: [
      'Affected: from 2026-03-13, 14:59 UTC until 15:22 UTC (23 min)',
      'Now: It is watched more closely, and its cause is still to be mended.',
      'If customers ask: “Storefront works again. We are sorry for the trouble.”',
    ],
  },
  {
    why: 'the cause is mended, and a review is due',
    news: 'resolved',
    incident: {
      ...over,
      ...{ state: 'resolved', postmortem: { state: 'draft' } },
      resolved: { at: NOW, by: 'ada', as: 'cause_fixed', reason: 'more disk' },
    },
    subject: 'SEV-1 INC-42: Storefront is settled',
    says: [
      'Outcome: Its cause is mended: more disk.',
      'Review: What happened is being written down, with what changes because of it.',
      'This is the last message about it, unless it comes back.',
    ],
  },
  {
    why: 'a risk is accepted',
    news: 'resolved',
    incident: {
      ...over,
      state: 'resolved',
      resolved: { at: NOW, by: 'ada', as: 'risk_accepted', reason: 'it is sold off soon' },
    },
    subject: 'SEV-1 INC-42: Storefront is settled',
    says: ['Outcome: Its cause stays as it is: it is sold off soon.'],
  },
  {
    why: 'it came back the next day',
    news: 'back',
    incident: outage(),
    subject: 'SEV-1 INC-42: Storefront fails again',
    says: ['It worked again for a while, and fails once more.'],
  },
  {
    why: 'it was no incident',
    news: 'ended',
    incident: outage({ state: 'declined', declined: { at: NOW, by: 'ada', reason: 'a test' } }),
    subject: 'SEV-1 INC-42: no further news of Storefront',
    says: ['It turned out to be no outage: a test.'],
  },
  {
    why: 'it goes on elsewhere',
    news: 'ended',
    incident: outage({ state: 'merged', mergedInto: 'INC-40' }),
    subject: 'SEV-1 INC-42: no further news of Storefront',
    says: ['It goes on as a part of INC-40.'],
  },
])('$news: $why', ({ news, incident, events, subject, says }) => {
  const told = tell(news, incident, events ? { events } : {})
  expect(told.subject).toBe(subject)
  expect(told.lines).toEqual(expect.arrayContaining(says))
  expect(told.lines.at(-1)).toBe(BECAUSE)
})
