import type { Actor, IncidentEvent, IncidentEventType } from '../../protocol/incident.ts'
import { findingReach, findingSentence } from './incident-words.ts'
import { firstLine } from './run-sentence.ts'
import { clockTime } from './time-words.ts'

/** What the timeline can be narrowed to. */
export const TIMELINE_FILTERS = ['all', 'state', 'findings', 'evidence'] as const
export type TimelineFilter = (typeof TIMELINE_FILTERS)[number]

const KIND: { readonly [T in IncidentEventType]: Exclude<TimelineFilter, 'all'> } = {
  opened: 'state',
  severity_raised: 'state',
  recovered: 'state',
  relapsed: 'state',
  restored: 'state',
  recurred: 'state',
  finding_joined: 'findings',
  finding_widened: 'findings',
  finding_narrowed: 'findings',
  finding_cleared: 'findings',
  evidence_added: 'evidence',
}

export const timelineFilterOf = (text: string | null): TimelineFilter =>
  TIMELINE_FILTERS.find((filter) => filter === text) ?? 'all'

export const isShownBy = (filter: TimelineFilter, event: Pick<IncidentEvent, 'type'>): boolean =>
  filter === 'all' || (KIND[event.type] ?? 'state') === filter

/** One entry of the timeline: what happened, and the reason or the details. */
export type EventWords = { what: string; detail?: string }

/** @param subjectOf the name of a finding by its key, for events that carry only the key. */
export function eventWords(
  event: IncidentEvent,
  subjectOf: (key: string) => string,
  timeZone?: string,
): EventWords {
  switch (event.type) {
    case 'opened':
      return {
        what: `Opened as ${event.severity}: ${event.title}`,
        detail: event.severityReason,
      }
    case 'finding_joined':
      return { what: capital(findingSentence(event.finding)), detail: event.finding.reason }
    case 'finding_widened':
      return {
        what: `${event.finding.subject} fails in more regions`,
        ...reachAndReason(event.finding),
      }
    case 'finding_narrowed':
      return {
        what: `${event.finding.subject} fails in fewer regions`,
        ...reachAndReason(event.finding),
      }
    case 'finding_cleared':
      return { what: `${capital(subjectOf(event.key))} is clear`, detail: event.reason }
    case 'evidence_added':
      return { what: evidenceSentence(event.evidence), detail: firstLine(event.evidence.message) }
    case 'severity_raised':
      return { what: `Raised from ${event.from} to ${event.to}`, detail: event.reason }
    case 'recovered':
      return {
        what: `Recovered; restored at ${clockTime(event.verifyUntil, timeZone)} if it stays clean`,
        detail: event.reason,
      }
    case 'relapsed':
      return { what: 'Failed again while it was being verified', detail: event.reason }
    case 'restored':
      return { what: 'Restored', detail: event.reason }
    case 'recurred':
      return { what: 'Came back after it was restored', detail: event.reason }
    default:
      return { what: unknownType(event) }
  }
}

/** A newer coordinator may tell of things that this program does not know yet. */
const unknownType = (event: never): string =>
  capital(String((event as { type: unknown }).type).replaceAll('_', ' '))

/** Where and how a run failed: `checkout-stop failed in eu-west, step “place order page”`. */
export function evidenceSentence(evidence: {
  checkId: string
  checkName?: string | undefined
  regionId: string
  step?: string | undefined
}): string {
  const step = evidence.step === undefined ? '' : `, step “${evidence.step}”`
  return `${evidence.checkName ?? evidence.checkId} failed in ${evidence.regionId}${step}`
}

export const actorWords = (actor: Actor): string =>
  actor.kind === 'person' ? actor.name : 'Firewatch'

const reachAndReason = (finding: Parameters<typeof findingReach>[0] & { reason: string }) => ({
  detail: `Now ${findingReach(finding)}: ${finding.reason}`,
})

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
