import { AppError } from '../base/app-error.ts'
import { acknowledge } from '../domain/incident/commands/acknowledge.ts'
import type { Incident } from '../protocol/incident.ts'
import { lead } from './command-desk.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { findIncident } from './store/incidents.ts'

/** Who has an incident after somebody wanted to. */
export type Acknowledged =
  | { kind: 'yours'; incident: Incident }
  /** Somebody was faster, or nobody is needed any more. */
  | { kind: 'not_yours'; incident: Incident; reason: string }
  | { kind: 'unknown' }

/**
 * Acknowledges an incident, whichever way the word came: a signed link, a button in a chat, another
 * pager. The first one has it; the same word again changes nothing, and the others learn who has it.
 *
 * @param generation what the person saw.
 */
export async function acknowledgeAs(
  parts: CoordinatorParts,
  { incidentId, generation, by }: { incidentId: string; generation: number; by: string },
): Promise<Acknowledged> {
  const now = parts.clock.now()
  try {
    const { incident } = await lead(parts, incidentId, (current) =>
      acknowledge(current, { by, now }, { generation }),
    )
    return { kind: 'yours', incident }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const incident = await findIncident(parts.store, incidentId)
    if (!incident) return { kind: 'unknown' }
    return { kind: 'not_yours', incident, reason: error.message }
  }
}
