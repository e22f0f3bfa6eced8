import { assert } from '../../base/assert.ts'
import type { Scope } from '../../protocol/config.ts'
import type { IncidentId } from '../../protocol/ids.ts'
import type {
  CountedFinding,
  Finding,
  Incident,
  IncidentEvent,
  KnownFinding,
} from '../../protocol/incident.ts'
import { doneBy } from './done-by.ts'
import { foldLeading } from './fold-leading.ts'
import { canMove, isOpen, openCount } from './moves.ts'
import { FINDINGS_IN_FULL_MAX } from './transition.ts'

/** Commands that an incident remembers: a repetition comes within seconds, or not at all. */
const COMMANDS_KEPT_MAX = 100

/** Calls for help that an incident remembers; all of them are in its events. */
const ASKED_KEPT_MAX = 50

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
  const next = changeBy(incident, event)
  assert(
    next.state === incident.state || canMove(incident, next.state),
    `no state is skipped: ${id} is ${incident.state} and cannot become ${next.state}`,
  )
  return {
    ...keepPromise(incident, next),
    ...keepTimes(incident, next, event),
    ...keepCommand(incident, event),
    lastSequence: event.sequence,
    updatedAt: event.recordedAt,
  }
}

/** Nobody waits for the next update of what is over, unless it is promised anew. */
function keepPromise(before: Incident, next: Incident): Incident {
  if (next.updates === undefined || isOpen(next) || !isOpen(before)) return next
  const { updates, ...rest } = next
  return rest
}

/** When it came into its state, and how long it had each severity while it was open. */
function keepTimes(
  before: Incident,
  next: Incident,
  { occurredAt }: IncidentEvent,
): Pick<Incident, 'stateSince' | 'severityTimes'> {
  const times = before.severityTimes ?? {
    spentMs: {},
    ...(isOpen(before) && { since: before.openedAt }),
  }
  const state = next.state === before.state ? {} : { stateSince: occurredAt }
  if (next.severity === before.severity && isOpen(next) === isOpen(before))
    return { ...state, severityTimes: times }
  // What is dated back cannot take away from a severity more than it had.
  const at = Math.max(occurredAt, times.since ?? occurredAt)
  const spentMs =
    times.since === undefined
      ? times.spentMs
      : {
          ...times.spentMs,
          [before.severity]: (times.spentMs[before.severity] ?? 0) + at - times.since,
        }
  return { ...state, severityTimes: { spentMs, ...(isOpen(next) && { since: at }) } }
}

function keepCommand(
  { commandIds = [] }: Pick<Incident, 'commandIds'>,
  { commandId }: IncidentEvent,
): Pick<Incident, 'commandIds'> {
  if (commandId === undefined || commandIds.includes(commandId)) return {}
  return { commandIds: [...commandIds, commandId].slice(-COMMANDS_KEPT_MAX) }
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
    openedAt: event.recordedAt,
    impactStartedAt: event.occurredAt,
    stateSince: event.recordedAt,
    severityTimes: { spentMs: {}, since: event.recordedAt },
    findings: [],
    ...(event.isByHand !== undefined && { isByHand: event.isByHand }),
    ...keepCommand({}, event),
    lastSequence: event.sequence,
    updatedAt: event.recordedAt,
  }
}

function changeBy(incident: Incident, event: Exclude<IncidentEvent, { type: 'opened' }>): Incident {
  switch (event.type) {
    case 'finding_joined':
      return joined(incident, event)
    case 'finding_counted':
      return withCounted(incident, [
        ...(incident.countedFindings ?? []).filter(({ key }) => key !== event.finding.key),
        event.finding,
      ])
    case 'finding_widened':
      return {
        ...changed(incident, event.finding),
        generation: incident.generation + (event.isNews === false ? 0 : 1),
      }
    case 'finding_narrowed':
      return changed(incident, event.finding)
    case 'finding_cleared':
      return cleared(incident, event)
    case 'evidence_added':
      return changeFinding(incident, event.key, (finding) => ({
        ...finding,
        evidence: [...finding.evidence, event.evidence],
      }))
    case 'severity_raised':
      return raised(incident, event)
    case 'severity_lowered':
      return lowered(incident, event)
    case 'data_at_risk':
      return { ...incident, dataAtRisk: { what: event.what, ...doneBy(event) } }
    case 'data_at_risk_withdrawn':
      return without(incident, 'dataAtRisk')
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
    case 'sweep_begun':
    case 'swept':
      return incident
    case 'declared':
      return { ...incident, state: 'mitigating', declared: doneBy(event) }
    case 'confirmed':
      return { ...incident, confirmed: doneBy(event) }
    case 'declined':
      return { ...incident, state: 'declined', declined: declinedBy(event) }
    case 'stood_down':
      return {
        ...incident,
        state: 'cancelled',
        declined: { ...doneBy(event), reason: event.reason },
      }
    case 'acknowledged':
      return acknowledged(incident, event)
    case 'mitigated': {
      const { isByHand: _, ...rest } = incident
      return { ...rest, mitigated: { ...doneBy(event), note: event.note } }
    }
    case 'resolved':
      return {
        ...incident,
        state: 'resolved',
        resolved: { ...doneBy(event), as: event.as, reason: event.reason },
      }
    case 'closed':
      return { ...incident, state: 'closed' }
    case 'reopened':
      return reopened(incident)
    case 'merged':
      return { ...withCounted({ ...incident, findings: [] }, []), ...mergedInto(event) }
    case 'absorbed':
      return absorbed(incident, event)
    case 'split_off':
      return splitOff(incident, event)
    case 'split_from':
      return splitFrom(incident, event)
    default:
      return isPaging(event) ? foldPaging(incident, event) : foldLeading(incident, event)
  }
}

const acknowledged = (incident: Incident, event: EventOf<'acknowledged'>): Incident => ({
  ...without(incident, 'unownedSince'),
  acknowledged: { ...doneBy(event), generation: event.generation },
})

type PagingEvent = EventOf<
  | 'paged'
  | 'nobody_on_call'
  | 'page_undeliverable'
  | 'unowned'
  | 'acknowledgement_expired'
  | 'page_asked'
  | 'ticket_opened'
>

function isPaging(event: IncidentEvent): event is PagingEvent {
  return PAGING.includes(event.type)
}
const PAGING: readonly IncidentEvent['type'][] = [
  'paged',
  'nobody_on_call',
  'page_undeliverable',
  'unowned',
  'acknowledgement_expired',
  'page_asked',
  'ticket_opened',
]

/** What became of paging people: most of it is on record only. */
function foldPaging(incident: Incident, event: PagingEvent): Incident {
  if (event.type === 'unowned') return { ...incident, unownedSince: event.occurredAt }
  if (event.type === 'acknowledgement_expired') return without(incident, 'acknowledged')
  if (event.type === 'ticket_opened') return { ...incident, ticket: event.ticket }
  if (event.type === 'page_asked') {
    const { runbookId, call, occurredAt } = event
    const asked = [...(incident.asked ?? []), { ...doneBy(event), runbookId, call }]
    return { ...incident, asked: asked.slice(-ASKED_KEPT_MAX), progressAt: occurredAt }
  }
  return incident
}

function without<K extends keyof Incident>(incident: Incident, key: K): Incident {
  const { [key]: _, ...rest } = incident
  return rest as Incident
}

/** Its findings are the other incident's. */
const mergedInto = (event: EventOf<'merged'>) => ({
  state: 'merged' as const,
  mergedInto: event.into,
})

const declinedBy = (event: EventOf<'declined'>) => ({
  ...doneBy(event),
  as: event.as,
  reason: event.reason,
  ...(event.ticket !== undefined && { ticket: event.ticket }),
})

/** Where a person raises it, what they knew when they lowered it does not hold any more. */
function raised(incident: Incident, event: EventOf<'severity_raised'>): Incident {
  const { loweredKnowing, ...rest } = incident
  const isHeld = event.actor.kind === 'system' && loweredKnowing !== undefined
  return {
    ...rest,
    ...(isHeld && { loweredKnowing }),
    severity: event.to,
    severityReason: event.reason,
    generation: incident.generation + (event.isNews === true ? 1 : 0),
  }
}

/** Whoever lowers it has weighed what was known: none of it raises the severity again by itself. */
const lowered = (incident: Incident, event: EventOf<'severity_lowered'>): Incident => ({
  ...incident,
  severity: event.to,
  severityReason: event.reason,
  loweredKnowing: event.knowing,
  ...(incident.dataAtRisk && { dataAtRisk: { ...incident.dataAtRisk, isWeighed: true } }),
})

/** Where no finding shows what the person means, only a person can say that it is over. */
function reopened(incident: Incident): Incident {
  const { resolved, ...rest } = failsAgain(incident)
  return {
    ...rest,
    ...(openCount(incident) === 0 && { isByHand: true }),
    generation: incident.generation + (incident.state === 'verifying' ? 0 : 1),
  }
}

function absorbed(incident: Incident, event: EventOf<'absorbed'>): Incident {
  const keys = new Set(event.findings.map(({ key }) => key))
  const others = incident.findings.filter(({ key }) => !keys.has(key))
  const known = [...(incident.loweredKnowing ?? []), ...(event.loweredKnowing ?? [])]
  const counted = [...(incident.countedFindings ?? []), ...event.counted]
  return withCounted(
    {
      ...withFindings(incident, [...others, ...event.findings]),
      ...(known.length > 0 && { loweredKnowing: known }),
      ...(event.isByHand === true && { isByHand: true }),
      ...(event.dataAtRisk && { dataAtRisk: event.dataAtRisk }),
      absorbed: [...(incident.absorbed ?? []), event.from],
      generation: incident.generation + (event.isNews === true ? 1 : 0),
      impactStartedAt: earliest(incident, event.findings),
    },
    counted,
  )
}

const splitOff = (incident: Incident, event: EventOf<'split_off'>): Incident => ({
  ...withFindings(
    incident,
    incident.findings.filter(({ key }) => !event.keys.includes(key)),
  ),
  splitInto: [...(incident.splitInto ?? []), event.into],
})

const splitFrom = (incident: Incident, event: EventOf<'split_from'>): Incident => ({
  ...withFindings(incident, event.findings),
  ...(event.loweredKnowing !== undefined && { loweredKnowing: event.loweredKnowing }),
  splitFrom: event.from,
  impactStartedAt: earliest(incident, event.findings),
})

const earliest = (incident: Incident, findings: readonly Finding[]) =>
  Math.min(incident.impactStartedAt, ...findings.map(({ since }) => since))

/**
 * A finding that was clear and comes back starts anew, with evidence of its own; the timeline keeps
 * the earlier one. Where the list is full it takes the place of the one that is clear for longest.
 */
function joined(incident: Incident, { finding, isNews }: EventOf<'finding_joined'>): Incident {
  const others = incident.findings.filter(({ key }) => key !== finding.key)
  const isAnother = others.length === incident.findings.length && others.length > 0
  return {
    ...withFindings(
      withCounted(
        incident,
        (incident.countedFindings ?? []).filter(({ key }) => key !== finding.key),
      ),
      [...makeRoom(others), { ...finding, evidence: [] }],
    ),
    generation: incident.generation + ((isNews ?? isAnother) ? 1 : 0),
    impactStartedAt: Math.min(incident.impactStartedAt, finding.since),
  }
}

function makeRoom(findings: KnownFinding[]): KnownFinding[] {
  if (findings.length < FINDINGS_IN_FULL_MAX) return findings
  const clear = findings.filter(({ clearedAt }) => clearedAt !== undefined)
  const [longest] = clear.toSorted((a, b) => (a.clearedAt ?? 0) - (b.clearedAt ?? 0))
  return findings.filter((finding) => finding !== longest)
}

function cleared(incident: Incident, { key, occurredAt }: EventOf<'finding_cleared'>): Incident {
  const counted = incident.countedFindings ?? []
  if (counted.some((finding) => finding.key === key))
    return withCounted(
      incident,
      counted.filter((finding) => finding.key !== key),
    )
  return changeFinding(incident, key, (finding) => ({ ...finding, clearedAt: occurredAt }))
}

function changed(incident: Incident, finding: Finding): Incident {
  const impactStartedAt = Math.min(incident.impactStartedAt, finding.since)
  return changeFinding({ ...incident, impactStartedAt }, finding.key, (known) => ({
    ...known,
    ...finding,
    since: Math.min(known.since, finding.since),
  }))
}

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
  return withScope({ ...incident, findings })
}

function withCounted(incident: Incident, counted: CountedFinding[]): Incident {
  const { countedFindings: _, ...rest } = incident
  return withScope({ ...rest, ...(counted.length > 0 && { countedFindings: counted }) })
}

function withScope(incident: Incident): Incident {
  const open = incident.findings.filter(({ clearedAt }) => clearedAt === undefined)
  const scopes = [...open, ...(incident.countedFindings ?? [])].map(({ scope }) => scope)
  return { ...incident, scope: widestOf(scopes) ?? incident.scope }
}

function widestOf(scopes: readonly Scope[]): Scope | undefined {
  return (['global', 'regional', 'unknown'] as const).find((scope) => scopes.includes(scope))
}

/** It is neither mitigated, recovered nor restored any more; when it was is in the events. */
function failsAgain(incident: Incident): Incident {
  const { mitigated, recoveredAt, verifyUntil, restoredAt, ...others } = incident
  const { cleanSince, gateTicks, watch, watchedUntil, ...rest } = others
  return { ...rest, state: 'mitigating' }
}
