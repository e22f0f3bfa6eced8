import type { Incident, IncidentEvent } from '../../protocol/incident.ts'
import type { RoleHolding } from '../../protocol/leading.ts'
import { foldRecovery, type RecoveryEvent } from './fold-recovery.ts'

/** Holdings of roles that an incident remembers; all of them are in its events. */
const HOLDINGS_KEPT_MAX = 100

export type LeadingEvent = Extract<
  IncidentEvent,
  {
    type:
      | 'noted'
      | 'role_assumed'
      | 'role_renounced'
      | 'next_action_set'
      | 'corrected'
      | 'step_done'
      | 'step_undone'
      | 'progress_missing'
      | 'update_promised'
      | 'update_reminded'
      | 'update_posted'
  }
>

/** What an event of how it is led or recovers makes of an incident; its state is never changed by one. */
export function foldLeading(incident: Incident, event: LeadingEvent | RecoveryEvent): Incident {
  switch (event.type) {
    case 'noted':
      return event.as === undefined ? incident : { ...incident, progressAt: event.occurredAt }
    case 'role_assumed': {
      const { role, person, occurredAt } = event
      const others = renounced(incident, role, undefined, occurredAt)
      const roles = [...others, { role, person, assumedAt: occurredAt }].slice(-HOLDINGS_KEPT_MAX)
      return { ...incident, roles }
    }
    case 'role_renounced':
      return {
        ...incident,
        roles: renounced(incident, event.role, event.person, event.occurredAt),
      }
    case 'next_action_set':
      return nextActionSet(incident, event)
    // What it corrects stays as it is; whoever reads the events puts them together.
    case 'corrected':
      return incident
    case 'step_done': {
      const { runbookId, step, occurredAt, result } = event
      const done = {
        ...{ runbookId, step, at: occurredAt, by: nameOf(event) },
        ...(result !== undefined && { result }),
      }
      return {
        ...incident,
        steps: [...otherSteps(incident, event), done],
        progressAt: occurredAt,
      }
    }
    case 'step_undone':
      return { ...incident, steps: otherSteps(incident, event) }
    case 'progress_missing':
      return { ...incident, nudgedAt: event.recordedAt }
    case 'update_promised':
      return { ...incident, updates: { nextAt: event.nextAt } }
    case 'update_reminded':
      return { ...incident, updates: { nextAt: event.nextAt, stage: event.stage } }
    case 'update_posted':
      return updatePosted(incident, event)
    default:
      return foldRecovery(incident, event)
  }
}

const nameOf = ({ actor }: IncidentEvent) => (actor.kind === 'person' ? actor.name : 'Firewatch')

function renounced(
  { roles = [] }: Incident,
  role: RoleHolding['role'],
  person: string | undefined,
  at: number,
): RoleHolding[] {
  return roles.map((holding) =>
    holding.role === role &&
    holding.renouncedAt === undefined &&
    (person === undefined || holding.person === person)
      ? { ...holding, renouncedAt: Math.max(at, holding.assumedAt) }
      : holding,
  )
}

function nextActionSet(
  incident: Incident,
  event: Extract<LeadingEvent, { type: 'next_action_set' }>,
): Incident {
  const { nextAction: _, ...rest } = incident
  const { text, who, occurredAt } = event
  if (text === undefined) return rest
  return {
    ...rest,
    nextAction: { at: occurredAt, by: nameOf(event), text, ...(who !== undefined && { who }) },
  }
}

const otherSteps = (
  { steps = [] }: Incident,
  { runbookId, step }: { runbookId: string; step: number },
) => steps.filter((done) => done.runbookId !== runbookId || done.step !== step)

function updatePosted(
  incident: Incident,
  event: Extract<LeadingEvent, { type: 'update_posted' }>,
): Incident {
  const { updates: _, ...rest } = incident
  const { nextAt, public: told, occurredAt } = event
  return {
    ...rest,
    toldAt: occurredAt,
    ...(nextAt !== undefined && { updates: { nextAt } }),
    ...(told && {
      published: {
        publicId: incident.published?.publicId ?? told.publicId,
        title: told.title,
        status: told.status,
        since: incident.published?.since ?? occurredAt,
        lastAt: occurredAt,
      },
    }),
  }
}
