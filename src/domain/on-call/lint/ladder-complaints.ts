import type { Duty } from '../../../protocol/on-call.ts'
import { Severity } from '../../../protocol/severity.ts'
import { contactsFor } from '../contacts-for.ts'
import { type Escalation, escalationsFor } from '../escalations-for.ts'
import { listDuty } from '../list-duty.ts'
import type { LintInput, OnCallComplaint } from './complaint.ts'

/** Steps that never reach anybody in these weeks, and ladders that are made of nothing else. */
export function ladderComplaints(input: LintInput): OnCallComplaint[] {
  const { onCall } = input.roster
  const reached = new Map<string, string | undefined>()
  /** Why a duty reaches nobody; undefined where it reaches somebody at some time. */
  const whyNobody = (duty: Duty): string | undefined => {
    const key = JSON.stringify(duty)
    if (!reached.has(key)) reached.set(key, unreachable(input, duty))
    return reached.get(key)
  }
  const byTeam = onCall.teams.flatMap((team) =>
    Severity.options.flatMap((severity) =>
      escalationsFor(
        { ...onCall, responders: [] },
        { severity, services: team.services.slice(0, 1), findings: [] },
      ).flatMap((escalation) =>
        stepComplaints(escalation, whyNobody, {
          what: `the ladder of ${severity} for ${team.name}`,
          path: ['ladders', severity],
        }),
      ),
    ),
  )
  const byRule = onCall.responders.flatMap(({ id, as, because, ladder }, index) =>
    stepComplaints({ id, as, because, ladder }, whyNobody, {
      what: `the ladder of the responder ${id}`,
      path: ['responders', index],
    }),
  )
  return [...byTeam, ...byRule]
}

function stepComplaints(
  { ladder }: Escalation,
  whyNobody: (duty: Duty) => string | undefined,
  { what, path }: { what: string; path: (string | number)[] },
): OnCallComplaint[] {
  const dead = ladder.steps.flatMap(({ page }, index) => {
    const reasons = page.map(whyNobody)
    const isDead = reasons.every((reason) => reason !== undefined)
    return isDead ? [{ step: index + 1, reason: [...new Set(reasons)].join('; ') }] : []
  })
  if (dead.length > 0 && dead.length === ladder.steps.length)
    return [
      {
        kind: 'unreachable_ladder',
        level: 'error',
        message: `${what} reaches nobody in these weeks: ${dead[0]?.reason || 'its steps name nobody'}`,
        advice: 'a step that pages somebody who is there and has a verified contact',
        path,
      },
    ]
  return dead.map(({ step, reason }) => ({
    kind: 'unreachable_step',
    level: 'warning',
    message: `step ${step} of ${what} reaches nobody in these weeks, and is passed at once: ${reason}`,
    advice: 'somebody for it, or a ladder without it',
    path,
  }))
}

function unreachable({ roster, from, until }: LintInput, duty: Duty): string | undefined {
  const spans = listDuty(roster, duty, from, until)
  let reason = ''
  for (const { answer } of spans) {
    if ('nobody' in answer) {
      reason ||= answer.nobody
      continue
    }
    const people = roster.onCall.people.filter(({ id }) => answer.people.includes(id))
    if (people.some((person) => contactsFor(person).length > 0)) return undefined
    reason ||= 'nobody of them has a verified contact'
  }
  return reason
}
