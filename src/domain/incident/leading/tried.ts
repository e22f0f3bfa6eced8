import type { Incident, IncidentEvent } from '../../../protocol/incident.ts'
import { TRIED_SHOWN_MAX, type Tried } from '../../../protocol/leading-view.ts'
import { correctionsOf } from './corrections.ts'

/**
 * What people did so far, the newest last, each with what came of it: of a mitigation that is what the
 * probes say, of the rest what people wrote.
 */
export function triedSoFar(
  events: readonly IncidentEvent[],
  { mitigations = [] }: Pick<Incident, 'mitigations'> = {},
): Tried[] {
  const measured = mitigations.map(({ at, by, what, effect, undone }): Tried => {
    const result = undone ? `taken back by ${undone.by}` : effect?.words
    return { at, by, what, ...(result !== undefined && { result }) }
  })
  return [...saidToBeDone(events), ...measured]
    .toSorted((a, b) => a.at - b.at)
    .slice(-TRIED_SHOWN_MAX)
}

function saidToBeDone(events: readonly IncidentEvent[]): Tried[] {
  const corrections = correctionsOf(events)
  const tried: Tried[] = []
  for (const event of events) {
    const corrected = corrections.get(event.sequence)
    const at = corrected?.occurredAt ?? event.occurredAt
    const by = event.actor.kind === 'person' ? event.actor.name : 'Firewatch'
    if (event.type === 'noted' && event.as === 'action')
      tried.push({ at, by, what: corrected?.text ?? event.text })
    if (event.type === 'mitigated') tried.push({ at, by, what: corrected?.text ?? event.note })
    if (event.type === 'step_done') {
      const result = corrected?.text ?? event.result
      tried.push({ at, by, what: event.what, ...(result !== undefined && { result }) })
    }
    // A result belongs to what was done last before it, as people speak.
    if (event.type === 'noted' && event.as === 'result') {
      const last = tried.at(-1)
      const text = corrected?.text ?? event.text
      if (last && last.result === undefined) last.result = text
      else tried.push({ at, by, what: text })
    }
  }
  return tried
}
