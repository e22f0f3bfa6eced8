import type { Scope, Severity } from '../../protocol/config.ts'
import type { Incident, IncidentEvent, IncidentState } from '../../protocol/incident.ts'
import { describeIncident } from './describe-incident.ts'
import { roleWords } from './leading/roles.ts'
import { reminderWords, updateText } from './leading/update-text.ts'
import { openFindings } from './moves.ts'

export type NotificationType =
  | 'incident.opened'
  | 'incident.widened'
  | 'incident.severity_raised'
  | 'incident.data_at_risk'
  | 'incident.data_at_risk_withdrawn'
  | 'incident.recovered'
  | 'incident.relapsed'
  | 'incident.restored'
  | 'incident.recurred'
  | 'incident.acknowledged'
  | 'incident.declared'
  | 'incident.declined'
  | 'incident.merged'
  | 'incident.mitigated'
  | 'incident.reopened'
  | 'incident.resolved'
  | 'incident.severity_lowered'
  | 'incident.stood_down'
  | 'incident.unowned'
  | 'incident.acknowledgement_expired'
  | 'incident.gate_restarted'
  | 'incident.gate_overridden'
  | 'incident.mitigation_applied'
  | 'incident.mitigation_measured'
  | 'incident.command_taken'
  | 'incident.update_posted'
  | 'incident.update_reminded'
  | 'incident.progress_missing'

/** What a channel is told: small, and enough to decide whether to look. A Standard Webhooks body. */
export type IncidentNotification = {
  type: NotificationType
  /** RFC 3339, when it happened. */
  timestamp: string
  data: {
    id: string
    service: string
    severity: Severity
    severityReason: string
    state: IncidentState
    scope: Scope
    headline: string
    title: string
    generation: number
    /** Regions in which something fails, or that are silent; none when all is clear. */
    regions: string[]
    /** RFC 3339. */
    impactStartedAt: string
    /** What the other regions said when they were asked to look at once, in words. */
    confirmation?: string
    /** Who did it, where a person did. */
    by?: string
    /** What is to be said, as it is. */
    text?: string
    /** People whom it is for. */
    to?: string[]
  }
}

/**
 * Decides what is told to channels about an event. `incident` is what all events recorded together
 * have made of it: what opened it alone does not say what is wrong.
 *
 * Evidence, narrowing and single clear findings are read on the incident, not pushed. A finding that
 * joins or widens is news only when it reaches where none of the others does.
 */
export function notificationsFor(event: IncidentEvent, incident: Incident): IncidentNotification[] {
  const type = typeFor(event, incident)
  if (type === undefined) return []
  return [
    {
      type,
      timestamp: new Date(event.occurredAt).toISOString(),
      data: {
        ...notificationData(incident),
        ...(event.actor.kind === 'person' && { by: event.actor.name }),
        ...wordsOf(event),
      },
    },
  ]
}

/** What of an incident is told, whatever the occasion. */
export function notificationData(incident: Incident): Omit<IncidentNotification['data'], 'by'> {
  const open = openFindings(incident)
  const confirmation = open.find((finding) => finding.confirmation)?.confirmation
  return {
    id: incident.id,
    service: incident.serviceId,
    severity: incident.severity,
    severityReason: incident.severityReason,
    state: incident.state,
    scope: incident.scope,
    headline: describeIncident(incident),
    title: incident.title,
    generation: incident.generation,
    regions: [...new Set(open.flatMap((finding) => finding.regions))],
    impactStartedAt: new Date(incident.impactStartedAt).toISOString(),
    ...(confirmation && { confirmation: confirmation.reason }),
  }
}

/** What a channel posts as it is, and for whom it is. */
function wordsOf(event: IncidentEvent): { text?: string; to?: string[] } {
  switch (event.type) {
    case 'role_assumed':
      return { text: roleWords(event) }
    case 'update_posted':
      return { text: updateText(event) }
    case 'update_reminded':
      return { text: reminderWords(event), to: event.to }
    case 'gate_restarted':
      return { text: `the verification begins anew: ${event.reason}` }
    case 'gate_overridden': {
      const unmet = event.unmet.map(({ reason }) => `; not met: ${reason}`).join('')
      return { text: `passed over the verification: ${event.reason}${unmet}` }
    }
    case 'data_at_risk':
      return { text: `data may be lost or wrong: ${event.what}` }
    case 'data_at_risk_withdrawn':
      return { text: `no data is at risk any more: ${event.reason}` }
    case 'mitigation_applied':
      return { text: `${event.kind}: ${event.what}` }
    case 'mitigation_measured':
      return { text: event.effect.words }
    default:
      return {}
  }
}

function typeFor(event: IncidentEvent, incident: Incident): NotificationType | undefined {
  switch (event.type) {
    case 'opened':
      return 'incident.opened'
    // `opened`, `relapsed` or `recurred` told of a finding that is alone.
    case 'finding_joined':
      return isNewReach(event.finding, incident) ? 'incident.widened' : undefined
    case 'finding_widened':
      return isAlone(event.finding, incident) || isNewReach(event.finding, incident)
        ? 'incident.widened'
        : undefined
    case 'severity_raised':
      return 'incident.severity_raised'
    case 'recovered':
      return 'incident.recovered'
    case 'relapsed':
      return 'incident.relapsed'
    case 'restored':
      return 'incident.restored'
    case 'recurred':
      return 'incident.recurred'
    case 'acknowledged':
    case 'declined':
    case 'merged':
    case 'mitigated':
    case 'reopened':
    case 'resolved':
    case 'severity_lowered':
    case 'data_at_risk':
    case 'data_at_risk_withdrawn':
    case 'stood_down':
    case 'unowned':
    case 'acknowledgement_expired':
    case 'gate_restarted':
    case 'gate_overridden':
    case 'mitigation_applied':
    case 'mitigation_measured':
      return `incident.${event.type}`
    // `opened` told of one that was declared by hand.
    case 'declared':
      return incident.isByHand === true && event.sequence === 2 ? undefined : 'incident.declared'
    case 'absorbed':
      return event.isNews === true ? 'incident.widened' : undefined
    case 'role_assumed':
      return event.role === 'incident_commander' ? 'incident.command_taken' : undefined
    case 'update_posted':
    case 'update_reminded':
    case 'progress_missing':
      return `incident.${event.type}`
    case 'finding_narrowed':
    case 'finding_cleared':
    case 'finding_counted':
    case 'evidence_added':
    case 'confirmed':
    case 'noted':
    case 'closed':
    case 'split_off':
    case 'split_from':
    case 'paged':
    case 'nobody_on_call':
    case 'page_undeliverable':
    case 'page_asked':
    case 'ticket_opened':
    case 'gate_ticked':
    case 'watch_started':
    case 'watch_ended':
    case 'mitigation_undone':
    case 'postmortem_moved':
    case 'role_renounced':
    case 'next_action_set':
    case 'corrected':
    case 'step_done':
    case 'step_undone':
    case 'update_promised':
      return undefined
  }
}

const isAlone = ({ key }: { key: string }, incident: Incident) =>
  openFindings(incident).every((finding) => finding.key === key)

/** In an outage every check becomes wider within seconds; only the first to get there is news. */
function isNewReach(
  { key, scope, regions }: { key: string; scope: Scope; regions: readonly string[] },
  incident: Incident,
): boolean {
  const others = openFindings(incident).filter((finding) => finding.key !== key)
  if (others.length === 0) return false
  const reached = new Set(others.flatMap((finding) => finding.regions))
  const isWider = scope === 'global' && others.every((finding) => finding.scope !== 'global')
  return isWider || regions.some((region) => !reached.has(region))
}
