import type { OnCallChange } from '../../protocol/on-call.ts'

/** What was ended counts until it was. */
export const endOf = ({ until, endedAt }: OnCallChange): number => Math.min(until, endedAt ?? until)

export const holdsAt = (change: OnCallChange, instant: number): boolean =>
  change.from <= instant && instant < endOf(change)

/** The first instant after this one at which one of the changes begins or ends; Infinity when none does. */
export function nextEdge(changes: readonly OnCallChange[], instant: number): number {
  let next = Infinity
  for (const change of changes)
    for (const edge of [change.from, endOf(change)])
      if (edge > instant && edge < next && change.from < endOf(change)) next = edge
  return next
}
