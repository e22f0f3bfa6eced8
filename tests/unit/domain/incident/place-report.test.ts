import { expect, test } from 'vitest'
import { decline } from '../../../../src/domain/incident/commands/declare.ts'
import { placeReport } from '../../../../src/domain/incident/place-report.ts'
import { clearFinding, completeVerification } from '../../../../src/domain/incident/transition.ts'
import type { Incident } from '../../../../src/protocol/incident.ts'
import { aFinding, after, anIncident, globally, MINUTE, NOW, VERIFY_FOR_MS } from './reports.ts'

const KEY = 'check:checkout-stop'
const OTHER = aFinding({ key: 'check:search', subject: 'search' })
const named = (id: string, incident: Incident): Incident => ({ ...incident, id })

function declined(incident: Incident): Incident {
  const decision = decline(incident, { by: 'ada', now: NOW }, { as: 'ticket', reason: 'later' })
  return decision.kind === 'accepted' ? after(incident, decision.events) : expect.unreachable()
}
const cleared = (incident: Incident) =>
  after(incident, clearFinding(incident, KEY, 'passed twice', NOW, VERIFY_FOR_MS))
const restored = after(
  cleared(anIncident()),
  completeVerification(cleared(anIncident()), NOW + VERIFY_FOR_MS),
)

const own = named('INC-1', anIncident())
const others = named('INC-2', anIncident(OTHER))
const aside = declined(named('INC-3', anIncident()))

test.each([
  { incidents: [], finding: aFinding(), goes: 'open', why: 'there is none' },
  { incidents: [others, own], finding: aFinding(), goes: 'INC-1', why: 'it is open there' },
  {
    incidents: [others, own],
    finding: { ...OTHER, key: 'check:new' },
    goes: 'INC-2',
    why: 'the newest is open',
  },
  {
    incidents: [{ ...others, splitFrom: 'INC-1' }, own],
    finding: { ...OTHER, key: 'check:new' },
    goes: 'INC-1',
    why: 'what was split off is about something else',
  },
  {
    incidents: [
      others,
      named('INC-1', cleared(anIncident(aFinding(), { ...OTHER, key: 'check:third' }))),
    ],
    finding: aFinding(),
    goes: 'INC-1',
    why: 'that one knew it',
  },
  {
    incidents: [named('INC-4', restored), others],
    finding: aFinding(),
    goes: 'INC-2',
    why: 'an open one goes before one that is over',
  },
  {
    incidents: [named('INC-4', restored)],
    finding: aFinding(),
    goes: 'INC-4',
    why: 'it comes back',
  },
  { incidents: [aside], finding: aFinding(), goes: 'set aside', why: 'it is what was declined' },
  {
    incidents: [others, aside],
    finding: aFinding(),
    goes: 'set aside',
    why: 'an open incident does not make it another failure',
  },
  {
    incidents: [aside],
    finding: globally(),
    goes: 'open',
    why: 'it is wider than what was declined',
  },
  {
    incidents: [aside],
    finding: aFinding({ regions: ['eu-west', 'us-east'] }),
    goes: 'open',
    why: 'it reaches a region that nobody knew of',
  },
  {
    incidents: [aside],
    finding: aFinding({ severity: 'SEV-1' }),
    goes: 'open',
    why: 'whoever raised it says that it is worse',
  },
  {
    incidents: [cleared(aside)],
    finding: aFinding(),
    goes: 'open',
    why: 'it was clear in between',
  },
  { incidents: [aside], finding: OTHER, goes: 'open', why: 'it is another finding' },
] as const)('goes to $goes: $why', ({ incidents, finding, goes }) => {
  const placement = placeReport(
    incidents as unknown as Incident[],
    finding,
    NOW + VERIFY_FOR_MS + MINUTE,
  )
  const words = {
    join: 'incident' in placement ? placement.incident.id : '',
    open: 'open',
    set_aside: 'set aside',
  }
  expect(words[placement.kind]).toBe(goes)
})
