import { expect, test } from 'vitest'
import {
  applyEvent,
  applyEvents,
  foldIncident,
} from '../../../../src/domain/incident/fold-incident.ts'
import { clearFinding, reportFinding } from '../../../../src/domain/incident/transition.ts'
import type { Incident } from '../../../../src/protocol/incident.ts'
import { aFinding, anIncident, aReport, globally } from './reports.ts'

const opening = reportFinding(undefined, aReport({ finding: globally() }))

test('no events leave the incident as it is', () => {
  const incident = anIncident()
  expect(applyEvents('INC-42', incident, [])).toBe(incident)
  expect(applyEvents('INC-42', undefined, [])).toBeUndefined()
})

test('the fold does not change what it was given', () => {
  const incident = Object.freeze(anIncident())
  const copy = structuredClone(incident)
  applyEvents('INC-42', incident, reportFinding(incident, aReport({ finding: globally() })))
  expect(incident).toEqual(copy)
})

test.each([
  { events: [], why: 'there are none', says: 'at least the event that opened it' },
  { events: opening.slice(1), why: 'the first is missing', says: 'in sequence' },
  { events: [...opening, ...opening], why: 'they come twice', says: 'in sequence' },
  {
    events: opening.slice(1).map((event) => ({ ...event, sequence: 1 })),
    why: 'none opens it',
    says: 'the first event',
  },
])('events that cannot be an incident are a bug: $why', ({ events, says }) => {
  expect(() => foldIncident('INC-42', events)).toThrow(says)
})

test('of an event that changes only one finding the others know nothing', () => {
  const incident = anIncident(globally(), globally({ key: 'check:search', subject: 'search' }))
  const next = applyEvent(
    incident,
    {
      type: 'finding_cleared',
      key: 'check:search',
      reason: 'passed twice',
      sequence: incident.lastSequence + 1,
      occurredAt: incident.updatedAt,
      recordedAt: incident.updatedAt,
      actor: { kind: 'system' },
    },
    incident.id,
  )
  expect(next.findings[0]).toBe(incident.findings[0])
  expect(next.findings[1]).toMatchObject({ clearedAt: incident.updatedAt })
})

test('the scope is that of the widest open finding, and stays as it was when none is open', () => {
  const clear = (incident: Incident, key: string) =>
    applyEvents(
      'INC-42',
      incident,
      clearFinding(incident, key, 'passed', incident.updatedAt, 60_000),
    ) ?? incident
  const both = anIncident(aFinding(), globally({ key: 'check:search' }))
  const one = clear(both, 'check:search')
  const none = clear(clear(anIncident(globally()), 'check:checkout-stop'), 'check:search')
  expect([both.scope, one.scope, none.scope]).toEqual(['global', 'regional', 'global'])
})
