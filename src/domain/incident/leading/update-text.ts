import { describeDuration } from '../../../base/duration.ts'
import type { IncidentEvent } from '../../../protocol/incident.ts'
import { OVERDUE_AFTER_MS, REMINDER_BEFORE_MS } from '../../../protocol/leading.ts'
import { joinNames } from '../../join-names.ts'

type EventOf<T extends IncidentEvent['type']> = Extract<IncidentEvent, { type: T }>

/** Hours and minutes in UTC, which whoever reads it anywhere can place. */
export const utcTime = (instant: number): string => new Date(instant).toISOString().slice(11, 16)

/** What is promised, in words: updates come sooner when something changes. */
export const nextUpdateWords = (nextAt: number | undefined): string =>
  nextAt === undefined
    ? 'This is the last update.'
    : `${utcTime(nextAt)} UTC, or sooner if status changes`

/** An update as channels are told it, with the same labels each time, so that it is read at a glance. */
export function updateText({ internal, nextAt, occurredAt }: EventOf<'update_posted'>): string {
  return [
    `Status Update - ${utcTime(occurredAt)} UTC`,
    `Severity: ${internal.severity}`,
    `Impact: ${internal.impact}`,
    `Current Status: ${internal.currentStatus}`,
    `Next Steps: ${internal.nextSteps}`,
    `Next Update: ${nextUpdateWords(nextAt)}`,
  ].join('\n')
}

/** Reminds of an update that was promised. */
export function reminderWords({ stage, nextAt, to }: EventOf<'update_reminded'>): string {
  const who = to.length === 0 ? 'Nobody leads communication' : joinNames(to)
  const at = `promised for ${utcTime(nextAt)} UTC`
  switch (stage) {
    case 'soon':
      return `${who}: the next update is ${at}, within ${describeDuration(REMINDER_BEFORE_MS)}.`
    case 'due':
      return `${who}: the next update, ${at}, is due now.`
    case 'overdue':
      return `${who}: the update ${at} is ${describeDuration(OVERDUE_AFTER_MS)} late.`
  }
}
