import type { IncidentEvent } from '../../../protocol/incident.ts'
import type { TimeName } from '../../../protocol/incident-times.ts'
import { incidentTimes } from './incident-times.ts'

/** A time that became known with some events. */
export type TimeReached = { name: TimeName; ms: number }

/** Which times an event ends. */
const ENDED_BY: { readonly [T in IncidentEvent['type']]?: readonly TimeName[] } = {
  opened: ['mttd'],
  acknowledged: ['mtta'],
  restored: ['mttm', 'mttr'],
  resolved: ['resolve'],
}

/** Whether any of these events ends a time, so that the others are worth reading. */
export const endsTimes = (events: readonly Pick<IncidentEvent, 'type'>[]): boolean =>
  events.some(({ type }) => ENDED_BY[type] !== undefined)

/**
 * The times of an incident that the last of its events have ended. What is unknown is none: an incident
 * that was declared as of now has no time of detection. Only the first acknowledgement counts; one that
 * comes back is restored, and counted, again.
 *
 * @param all every event, the last ones too, oldest first.
 */
export function timesReached(
  all: readonly IncidentEvent[],
  last: readonly IncidentEvent[],
): TimeReached[] {
  const isFirst = ({ type, sequence }: IncidentEvent) =>
    all.every((event) => event.type !== type || event.sequence >= sequence)
  const names = last
    .filter((event) => event.type !== 'acknowledged' || isFirst(event))
    .flatMap(({ type }) => ENDED_BY[type] ?? [])
  // How far off they may be is not counted.
  const { durations } = incidentTimes(all, undefined)
  return [...new Set(names)].flatMap((name) => {
    const ms = durations[name].value
    return ms === null ? [] : [{ name, ms }]
  })
}
