import { assert } from '../../base/assert.ts'
import type { Scope } from '../../protocol/config.ts'
import type { IncidentId } from '../../protocol/ids.ts'
import type { Finding, Incident, IncidentEvent } from '../../protocol/incident.ts'

/** What an incident's events, oldest first, have made of it. Replaying them gives the same again. */
export function foldIncident(id: IncidentId, events: readonly IncidentEvent[]): Incident {
  const incident = applyEvents(id, undefined, events)
  assert(incident, `an incident has at least the event that opened it: ${id}`)
  return incident
}

/** Continues the fold with further events; without any the incident stays as it is. */
export function applyEvents(
  id: IncidentId,
  incident: Incident | undefined,
  events: readonly IncidentEvent[],
): Incident | undefined {
  return events.reduce<Incident | undefined>(
    (folded, event) => applyEvent(folded, event, id),
    incident,
  )
}

/** One step of the fold. The first event must be `opened`, and none may be missing. */
export function applyEvent(
  incident: Incident | undefined,
  event: IncidentEvent,
  id: IncidentId,
): Incident {
  assert(
    event.sequence === (incident?.lastSequence ?? 0) + 1,
    `events are folded in sequence: ${id} has ${incident?.lastSequence ?? 0}, got ${event.sequence}`,
  )
  if (event.type === 'opened') return opened(event, id)
  assert(incident, `the first event of an incident opens it: ${id} begins with ${event.type}`)
  return {
    ...changeBy(incident, event),
    lastSequence: event.sequence,
    updatedAt: event.recordedAt,
  }
}

type EventOf<T extends IncidentEvent['type']> = Extract<IncidentEvent, { type: T }>

function opened(event: EventOf<'opened'>, id: IncidentId): Incident {
  return {
    id,
    serviceId: event.serviceId,
    title: event.title,
    state: 'triage',
    severity: event.severity,
    severityReason: event.severityReason,
    scope: 'unknown',
    generation: 1,
    openedAt: event.occurredAt,
    impactStartedAt: event.occurredAt,
    findings: [],
    lastSequence: event.sequence,
    updatedAt: event.recordedAt,
  }
}

function changeBy(incident: Incident, event: Exclude<IncidentEvent, { type: 'opened' }>): Incident {
  switch (event.type) {
    case 'finding_joined':
      return joined(incident, event.finding)
    case 'finding_widened':
      return { ...changed(incident, event.finding), generation: incident.generation + 1 }
    case 'finding_narrowed':
      return changed(incident, event.finding)
    case 'finding_cleared':
      return changeFinding(incident, event.key, (finding) => ({
        ...finding,
        clearedAt: event.occurredAt,
      }))
    case 'evidence_added':
      return changeFinding(incident, event.key, (finding) => ({
        ...finding,
        evidence: [...finding.evidence, event.evidence],
      }))
    case 'severity_raised':
      return { ...incident, severity: event.to, severityReason: event.reason }
    case 'recovered':
      return {
        ...incident,
        state: 'verifying',
        recoveredAt: event.occurredAt,
        verifyUntil: event.verifyUntil,
      }
    case 'relapsed':
      return failsAgain(incident)
    case 'restored':
      return { ...incident, state: 'restored', restoredAt: event.occurredAt }
    case 'recurred':
      return { ...failsAgain(incident), generation: incident.generation + 1 }
  }
}

/**
 * A finding that was clear and comes back starts anew, with evidence of its own; the timeline keeps
 * the earlier one. Only a finding that the incident did not know makes it wider.
 */
function joined(incident: Incident, finding: Finding): Incident {
  const others = incident.findings.filter(({ key }) => key !== finding.key)
  const isWider = others.length === incident.findings.length && others.length > 0
  return {
    ...withFindings(incident, [...others, { ...finding, evidence: [] }]),
    generation: incident.generation + (isWider ? 1 : 0),
    impactStartedAt: Math.min(incident.impactStartedAt, finding.since),
  }
}

function changed(incident: Incident, finding: Finding): Incident {
  const impactStartedAt = Math.min(incident.impactStartedAt, finding.since)
  return changeFinding({ ...incident, impactStartedAt }, finding.key, (known) => ({
    ...known,
    ...finding,
    since: Math.min(known.since, finding.since),
  }))
}

type KnownFinding = Incident['findings'][number]

function changeFinding(
  incident: Incident,
  key: string,
  change: (finding: KnownFinding) => KnownFinding,
): Incident {
  const findings = incident.findings.map((finding) =>
    finding.key === key ? change(finding) : finding,
  )
  return withFindings(incident, findings)
}

/** Also says how wide the incident is: as its widest open finding, or as it was last. */
function withFindings(incident: Incident, findings: KnownFinding[]): Incident {
  const scopes = findings.filter(({ clearedAt }) => clearedAt === undefined).map((f) => f.scope)
  return { ...incident, findings, scope: widestOf(scopes) ?? incident.scope }
}

function widestOf(scopes: readonly Scope[]): Scope | undefined {
  return (['global', 'regional', 'unknown'] as const).find((scope) => scopes.includes(scope))
}

/** It is neither recovered nor restored any more; when it was is in the events. */
function failsAgain(incident: Incident): Incident {
  const { recoveredAt, verifyUntil, restoredAt, ...rest } = incident
  return { ...rest, state: 'mitigating' }
}
