import type { Contact, Duty, OnCall, OnCallChanges } from '../../protocol/on-call.ts'
import { orderContacts } from '../paging/order-contacts.ts'
import type { Escalation } from './escalations-for.ts'
import { resolveDuty } from './resolve-duty.ts'

/** What happens at one moment of an escalation that is played. */
export type SimulatedStep = {
  at: number
  escalationId: string
  /** From 1. */
  round: number
  /** From 1, within the round. */
  step: number
  pages: SimulatedPage[]
  /** Where a duty has nobody. With no pages at all the next step comes at once. */
  nobody: { duty: Duty; reason: string }[]
}

export type SimulatedPage = {
  personId: string
  /** What rings at once. None: the person has no verified contact, and hears nothing. */
  contacts: Contact[]
  /** Each is tried when the one before it failed. */
  fallbacks: Contact[]
  /** What they are paged as, in words. */
  because: string
  /** A shadow is told the same, and nobody waits for them. */
  isShadow: boolean
}

export type Simulation = {
  steps: SimulatedStep[]
  /** When somebody answered, or when the last round was over without that. */
  ends: {
    escalationId: string
    at: number
    answeredBy?: string
    /** Whom the last resort means, where nobody answered and there is one. */
    lastResort?: SimulatedPage[]
  }[]
}

/**
 * Plays the ladders of an incident from the moment of the decision to page.
 *
 * Steps keep their distances. One that reaches nobody is passed at once, and a round of such steps ends it.
 *
 * @param answers whether a person acknowledges a page; the first who does ends that ladder. A page that
 *   reaches nobody is answered by nobody.
 */
export function simulateEscalation(
  roster: { onCall: OnCall } & OnCallChanges,
  escalations: readonly Escalation[],
  start: number,
  answers: (personId: string) => boolean,
): Simulation {
  const simulation: Simulation = { steps: [], ends: [] }
  for (const escalation of escalations) play(roster, escalation, start, answers, simulation)
  simulation.steps.sort((a, b) => a.at - b.at)
  simulation.ends.sort((a, b) => a.at - b.at)
  return simulation
}

function play(
  roster: { onCall: OnCall } & OnCallChanges,
  { id, as, ladder }: Escalation,
  start: number,
  answers: (personId: string) => boolean,
  { steps, ends }: Simulation,
): void {
  let at = start
  /** Steps in a row that reached nobody: a whole round of them, and nobody can be paged at all. */
  let passed = 0
  for (let round = 1; round <= ladder.rounds; round++) {
    let previousMs = 0
    let wasNobody = false
    for (const [index, { afterMs, page, by }] of ladder.steps.entries()) {
      if (!wasNobody) at += afterMs - previousMs
      previousMs = afterMs
      const step: SimulatedStep = {
        ...{ at, escalationId: id, round, step: index + 1 },
        ...pagesOf(roster, page, by, at),
      }
      steps.push(step)
      const waited = step.pages.filter(({ isShadow, contacts }) => !isShadow && contacts.length > 0)
      wasNobody = waited.length === 0
      passed = wasNobody ? passed + 1 : 0
      const answeredBy = waited.find(({ personId }) => answers(personId))?.personId
      if (as === 'page' && answeredBy !== undefined) {
        ends.push({ escalationId: id, at, answeredBy })
        return
      }
      if (passed === ladder.steps.length) {
        if (as === 'page') ends.push(unowned(roster, id, at))
        return
      }
    }
    if (!wasNobody) at += ladder.acknowledgeWithinMs
  }
  if (as === 'page') ends.push(unowned(roster, id, at))
}

function unowned(
  roster: { onCall: OnCall } & OnCallChanges,
  escalationId: string,
  at: number,
): Simulation['ends'][number] {
  const { lastResort } = roster.onCall
  if (!lastResort) return { escalationId, at }
  return { escalationId, at, lastResort: pagesOf(roster, [lastResort], undefined, at).pages }
}

function pagesOf(
  roster: { onCall: OnCall } & OnCallChanges,
  duties: readonly Duty[],
  by: Escalation['ladder']['steps'][number]['by'],
  at: number,
): Pick<SimulatedStep, 'pages' | 'nobody'> {
  const pages = new Map<string, SimulatedPage>()
  const nobody: SimulatedStep['nobody'] = []
  for (const duty of duties) {
    const answer = resolveDuty(roster, duty, at)
    if ('nobody' in answer) {
      nobody.push({ duty, reason: answer.nobody })
      continue
    }
    const told = [
      ...answer.people.map((personId) => ({ personId, isShadow: false })),
      ...answer.shadows.map((personId) => ({ personId, isShadow: true })),
    ]
    for (const { personId, isShadow } of told) {
      const person = roster.onCall.people.find(({ id }) => id === personId)
      // Who is paged by two duties of a step is paged once.
      if (!person || pages.get(personId)?.isShadow === false) continue
      const { first: contacts, fallbacks } = orderContacts(person, by)
      pages.set(personId, { personId, contacts, fallbacks, because: answer.reason, isShadow })
    }
  }
  return { pages: [...pages.values()], nobody }
}
