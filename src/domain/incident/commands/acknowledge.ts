import type { Incident } from '../../../protocol/incident.ts'
import { OPEN_STATES } from '../../../protocol/incident.ts'
import type { NoteKind } from '../../../protocol/leading.ts'
import { carryOut, type Decision, type Order, refuseState, withNote } from './order.ts'

/**
 * A person says: I have it. That holds for what they knew: once the incident becomes wider or worse,
 * its generation is another, and it is news again. The first one has it; others are told who.
 *
 * @param generation what the person saw; the incident's own when absent.
 */
export function acknowledge(
  incident: Incident,
  order: Order,
  { generation, note }: { generation?: number | undefined; note?: string | undefined } = {},
): Decision {
  return carryOut(incident, order, note, () => {
    const refused = refuseState(incident, OPEN_STATES, 'acknowledging')
    if (refused) return refused
    const seen = Math.min(generation ?? incident.generation, incident.generation)
    const { acknowledged } = incident
    if (acknowledged && acknowledged.generation >= seen)
      return acknowledged.by === order.by
        ? []
        : {
            code: 'incident.no_change',
            reason: `${acknowledged.by} has acknowledged ${incident.id} already`,
          }
    return [{ type: 'acknowledged', generation: seen, ...withNote(note) }]
  })
}

/** True while somebody has acknowledged the incident as wide and as severe as it is. */
export const isAcknowledged = ({
  acknowledged,
  generation,
}: Pick<Incident, 'acknowledged' | 'generation'>): boolean =>
  acknowledged !== undefined && acknowledged.generation >= generation

/** Puts words of a person on the timeline, whatever state the incident is in. */
export const note = (incident: Incident, order: Order, text: string, as?: NoteKind): Decision =>
  carryOut(incident, order, text, () => [{ type: 'noted', text, ...(as !== undefined && { as }) }])
