import { describeDuration } from '../base/duration.ts'
import { printable } from '../definitions/printable.ts'
import { roleWords } from '../domain/incident/leading/roles.ts'
import { reminderWords, updateText, utcTime } from '../domain/incident/leading/update-text.ts'
import type { Incident, IncidentEvent } from '../protocol/incident.ts'
import { ROLE_NAMES } from '../protocol/leading.ts'
import type { Audience, LeadingView } from '../protocol/leading-view.ts'
import type { IncidentReportOptions } from './render-incident.ts'
import { wrapWords } from './wrap-words.ts'

/** Who leads, what was tried, what is next, when people hear of it, and what to do. */
export function renderLeading(
  incident: Incident,
  leading: LeadingView,
  { now, paint }: IncidentReportOptions,
): string[] {
  const { roles, offer, hints, tried, runbooks, audience } = leading
  const { nextAction, updates } = incident
  const line = (label: string, words: string) => wrapWords(`${label}: ${printable(words)}`)
  const last = tried.at(-1)
  const words = [
    ...roles.flatMap(({ role, person }) => line(ROLE_NAMES[role], person)),
    ...(offer ? line(ROLE_NAMES[offer.role], `nobody; offered to ${offer.to}`) : []),
    ...hints.flatMap((hint) => wrapWords(printable(hint))),
    ...(last ? line('Tried last', `${last.what}${last.result ? `: ${last.result}` : ''}`) : []),
    ...(nextAction
      ? line('Next', `${nextAction.text}${nextAction.who ? ` (${nextAction.who})` : ''}`)
      : []),
    ...(updates
      ? line(
          'Next update',
          updates.nextAt > now
            ? `${utcTime(updates.nextAt)} UTC, in ${describeDuration(updates.nextAt - now)}`
            : `${describeDuration(now - updates.nextAt)} overdue`,
        )
      : []),
    ...(audience ? line('Stakeholders', audience.map(audienceWords).join(', ')) : []),
    ...runbooks.flatMap(({ runbook, because, done, calls = [] }) => [
      ...line(
        `Runbook ${runbook.id}`,
        `${done.length} of ${runbook.steps.length} steps; ${because}`,
      ),
      ...calls.flatMap(({ who, now: holder }, index) =>
        line(`  page ${runbook.id} ${index + 1}`, `${who}, now ${holder}`),
      ),
    ]),
  ]
  return words.length === 0 ? [] : ['', paint('bold', 'Leading'), ...words]
}

/** `Customer support (told)`, `Leadership (hears of SEV-1)`. */
const audienceWords = ({ name, severity, isTold }: Audience[number]): string =>
  `${name} (${isTold ? 'told' : `hears of ${severity}`})`

/** What an event of how it is led is about; undefined for others, whose fields say it. */
export function leadingWords(event: IncidentEvent): string | undefined {
  switch (event.type) {
    case 'role_assumed':
      return roleWords(event)
    case 'role_renounced':
      return `${event.person} is no longer ${ROLE_NAMES[event.role]}`
    case 'next_action_set':
      return event.text === undefined
        ? 'nothing'
        : `${event.text}${event.who === undefined ? '' : ` (${event.who})`}`
    case 'step_done':
    case 'step_undone':
      return `${event.runbookId} ${event.step}: ${event.what}`
    case 'corrected':
      return `entry ${event.target}${event.text === undefined ? '' : ` to “${event.text}”`}${event.happenedAt === undefined ? '' : ` to ${utcTime(event.happenedAt)} UTC`}: ${event.reason}`
    case 'progress_missing':
      return `nobody found, decided or did anything since ${utcTime(event.since)} UTC`
    case 'update_promised':
      return `for ${utcTime(event.nextAt)} UTC: ${event.reason}`
    case 'update_reminded':
      return reminderWords(event)
    case 'update_posted':
      return updateText(event).replaceAll('\n', '; ')
    default:
      return undefined
  }
}
