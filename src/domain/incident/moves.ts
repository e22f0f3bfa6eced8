import { type Incident, type IncidentState, OPEN_STATES } from '../../protocol/incident.ts'

/**
 * The states of an incident and the ways between them. What is not in {@link ALLOWED_MOVES} does not
 * exist; no state is skipped. The fold holds it, whoever asked for the move.
 *
 * - `triage`: confirmed, not declared by a person yet. Entered when the incident opens.
 * - `mitigating`: the impact goes on. Entered when a person declares it, and whenever it fails again.
 * - `verifying`: every finding is clear; it must stay so for a time. Any finding ends it.
 * - `restored`: it stayed clear. For a day a finding brings it back.
 * - `resolved`: a person says that the cause is fixed. `closed`: its review is done.
 * - `declined`, `merged`, `cancelled`: no incident, part of another, stood down. Ends.
 */
export const ALLOWED_MOVES: { readonly [From in IncidentState]: readonly IncidentState[] } = {
  triage: ['mitigating', 'verifying', 'declined', 'merged', 'cancelled'],
  mitigating: ['verifying', 'merged', 'cancelled'],
  verifying: ['mitigating', 'restored'],
  restored: ['mitigating', 'resolved'],
  resolved: ['mitigating', 'closed'],
  closed: [],
  declined: [],
  merged: [],
  cancelled: [],
}

export const canMove = ({ state }: Pick<Incident, 'state'>, to: IncidentState): boolean =>
  ALLOWED_MOVES[state].includes(to)

/** True while something may still be wrong. */
export const isOpen = ({ state }: Pick<Incident, 'state'>): boolean =>
  (OPEN_STATES as readonly IncidentState[]).includes(state)

/** People looked at it and set it aside, while what it tells of may go on. */
export const isSetAside = ({ state }: Pick<Incident, 'state'>): boolean =>
  state === 'declined' || state === 'cancelled'

/** The findings told in full that are not clear. */
export const openFindings = (incident: Pick<Incident, 'findings'>) =>
  incident.findings.filter((finding) => finding.clearedAt === undefined)

/** How many findings are not clear, with those that are only counted. */
export const openCount = (incident: Pick<Incident, 'findings' | 'countedFindings'>): number =>
  openFindings(incident).length + (incident.countedFindings?.length ?? 0)

/** True when this finding is open on the incident, told in full or counted. */
export const isOpenOn = (incident: Incident, key: string): boolean =>
  openFindings(incident).some((finding) => finding.key === key) ||
  (incident.countedFindings ?? []).some((finding) => finding.key === key)
