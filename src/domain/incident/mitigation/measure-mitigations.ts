import type { Incident, IncidentEvent } from '../../../protocol/incident.ts'
import type { Mitigation } from '../../../protocol/mitigation.ts'
import { SYSTEM, stampEvents } from '../stamp-events.ts'
import { COMPARED_MS, type ComparedRun, compareRuns, EARLY_MS } from './compare-runs.ts'

/** A run is stored so long after it began, as a rule. */
const TRAVEL_MS = 15_000

/** Of those that were done longer ago nobody measures what nobody measured in time. */
const FORGOTTEN_AFTER_MS = 3_600_000

export type DueMeasurement = { mitigation: Mitigation; until: number; isEarly: boolean }

/** The mitigations of which it is time to say what came of them. */
export function dueMeasurements(
  { mitigations = [] }: Pick<Incident, 'mitigations'>,
  now: number,
): DueMeasurement[] {
  return mitigations.flatMap((mitigation): DueMeasurement[] => {
    const { at, effect } = mitigation
    const sinceMs = now - at - TRAVEL_MS
    if (sinceMs > FORGOTTEN_AFTER_MS || (effect?.overMs ?? 0) >= COMPARED_MS) return []
    if (sinceMs >= COMPARED_MS) return [{ mitigation, until: at + COMPARED_MS, isEarly: false }]
    if (sinceMs >= EARLY_MS && effect === undefined)
      return [{ mitigation, until: at + EARLY_MS, isEarly: true }]
    return []
  })
}

/** Says what came of a mitigation; early only that it did nothing, since what works goes on working. */
export function measureMitigation(
  incident: Incident,
  { mitigation, until, isEarly }: DueMeasurement,
  runs: readonly ComparedRun[],
  now: number,
): IncidentEvent[] {
  const effect = compareRuns(runs, mitigation.at, until, incident.impactStartedAt)
  if (isEarly && effect.verdict !== 'no_effect' && effect.verdict !== 'worse') return []
  return stampEvents(
    incident,
    [{ type: 'mitigation_measured', mitigationId: mitigation.id, effect }],
    { now, actor: SYSTEM },
  )
}
