import type { IncidentEvent } from '../../protocol/incident.ts'
import type { IncidentRole, NoteKind } from '../../protocol/leading.ts'
import type { EventWords } from './event-words.ts'
import { joinNames } from './quantity.ts'
import { clockTime } from './time-words.ts'

/** The protocol's names once more: its module would bring a schema library to a phone. */
export const ROLE_WORDS: { readonly [R in IncidentRole]: string } = {
  incident_commander: 'Incident Commander',
  operations_lead: 'Operations Lead',
  communications_lead: 'Communications Lead',
  scribe: 'Scribe',
}

export const NOTE_WORDS: { readonly [K in NoteKind]: string } = {
  finding: 'Finding',
  decision: 'Decision',
  action: 'Action',
  result: 'Result',
}

export type LeadingEvent = Extract<
  IncidentEvent,
  {
    type:
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

/** How it is led, for the timeline. */
export function leadingWords(event: LeadingEvent, timeZone?: string): EventWords {
  switch (event.type) {
    case 'role_assumed': {
      const before = event.from === undefined ? '' : `, in place of ${event.from}`
      return { what: `${event.person} is ${ROLE_WORDS[event.role]}${before}`, ...noted(event.note) }
    }
    case 'role_renounced':
      return {
        what: `${event.person} is no longer ${ROLE_WORDS[event.role]}`,
        ...noted(event.note),
      }
    case 'next_action_set':
      if (event.text === undefined) return { what: 'Nothing is planned next' }
      return { what: `Next: ${event.text}${event.who === undefined ? '' : ` (${event.who})`}` }
    case 'corrected':
      return { what: 'Corrected an earlier entry', detail: event.reason }
    case 'step_done': {
      const where = event.on === undefined ? '' : ` on ${event.on}`
      const witness = event.secondPerson === undefined ? '' : `, with ${event.secondPerson}`
      return {
        what: `Did step ${event.step} of ${event.runbookId}${where}${witness}: ${event.what}`,
        ...noted(event.result),
      }
    }
    case 'step_undone':
      return {
        what: `Took back step ${event.step} of ${event.runbookId}: ${event.what}`,
        detail: event.reason,
      }
    case 'progress_missing':
      return {
        what: `Nobody has found, decided or done anything since ${clockTime(event.since, timeZone)}`,
        detail: 'Change the approach, bring in help, or say why it goes on like this.',
      }
    case 'update_promised':
      return {
        what: `Next update promised for ${clockTime(event.nextAt, timeZone)}`,
        detail: event.reason,
      }
    case 'update_reminded':
      return { what: reminderSentence(event, timeZone), ...forWhom(event.to) }
    case 'update_posted':
      return updateWords(event, timeZone)
  }
}

const noted = (note: string | undefined) => (note === undefined ? {} : { detail: note })
const forWhom = (to: readonly string[]) => ({
  detail: to.length === 0 ? 'Nobody has a role to remind' : `Told ${joinNames([...to])}`,
})

type EventOf<T extends LeadingEvent['type']> = Extract<LeadingEvent, { type: T }>

function reminderSentence({ stage, nextAt }: EventOf<'update_reminded'>, timeZone?: string) {
  const at = clockTime(nextAt, timeZone)
  if (stage === 'soon') return `The update promised for ${at} is due soon`
  return stage === 'due' ? `The update promised for ${at} is due` : `The update of ${at} is overdue`
}

function updateWords(event: EventOf<'update_posted'>, timeZone?: string): EventWords {
  const { internal, public: told, nextAt } = event
  const lines = [
    `Severity: ${internal.severity}`,
    `Impact: ${internal.impact}`,
    `Current Status: ${internal.currentStatus}`,
    `Next Steps: ${internal.nextSteps}`,
    `Next Update: ${nextAt === undefined ? 'none' : clockTime(nextAt, timeZone)}`,
    ...(told
      ? [`Public (${told.status}): ${told.acknowledgement} ${told.impact} ${told.work}`]
      : ['Not told to the public']),
  ]
  return { what: 'Posted an update', detail: lines.join('\n') }
}
