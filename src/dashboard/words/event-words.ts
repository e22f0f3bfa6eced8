import type { Actor, IncidentEvent, IncidentEventType } from '../../protocol/incident.ts'
import { findingReach, findingSentence } from './incident-words.ts'
import { leadingWords, NOTE_WORDS } from './leading-words.ts'
import { count, joinNames } from './quantity.ts'
import { firstLine } from './run-sentence.ts'
import { sweepBegunWords, sweptWords } from './sweep-words.ts'
import { clockTime, dateTime } from './time-words.ts'
import { GATE_WORDS, MITIGATION_WORDS } from './verification-words.ts'

/** What the timeline can be narrowed to. */
export const TIMELINE_FILTERS = ['all', 'state', 'people', 'findings', 'evidence'] as const
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
  finding_counted: 'findings',
  absorbed: 'findings',
  split_off: 'findings',
  split_from: 'findings',
  evidence_added: 'evidence',
  acknowledged: 'people',
  confirmed: 'people',
  noted: 'people',
  sweep_begun: 'people',
  swept: 'evidence',
  mitigated: 'people',
  declared: 'state',
  declined: 'state',
  stood_down: 'state',
  merged: 'state',
  severity_lowered: 'state',
  data_at_risk: 'state',
  data_at_risk_withdrawn: 'state',
  resolved: 'state',
  closed: 'state',
  reopened: 'state',
  paged: 'people',
  nobody_on_call: 'people',
  page_undeliverable: 'people',
  unowned: 'people',
  ticket_opened: 'people',
  page_asked: 'people',
  acknowledgement_expired: 'people',
  gate_restarted: 'state',
  gate_overridden: 'state',
  gate_ticked: 'people',
  watch_started: 'state',
  watch_ended: 'state',
  mitigation_applied: 'people',
  mitigation_undone: 'people',
  mitigation_measured: 'evidence',
  postmortem_moved: 'state',
  role_assumed: 'people',
  role_renounced: 'people',
  next_action_set: 'people',
  corrected: 'people',
  step_done: 'people',
  step_undone: 'people',
  progress_missing: 'people',
  update_promised: 'people',
  update_reminded: 'people',
  update_posted: 'people',
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
    case 'gate_restarted':
    case 'gate_ticked':
    case 'gate_overridden':
    case 'watch_started':
    case 'watch_ended':
    case 'mitigation_applied':
    case 'mitigation_undone':
    case 'mitigation_measured':
    case 'postmortem_moved':
      return recoveryWords(event, timeZone)
    case 'role_assumed':
    case 'role_renounced':
    case 'next_action_set':
    case 'corrected':
    case 'step_done':
    case 'step_undone':
    case 'progress_missing':
    case 'update_promised':
    case 'update_reminded':
    case 'update_posted':
      return leadingWords(event, timeZone)
    default:
      return commandWords(event, subjectOf)
  }
}

type RecoveryEvent = Extract<
  IncidentEvent,
  {
    type:
      | 'gate_restarted'
      | 'gate_ticked'
      | 'gate_overridden'
      | 'watch_started'
      | 'watch_ended'
      | 'mitigation_applied'
      | 'mitigation_undone'
      | 'mitigation_measured'
      | 'postmortem_moved'
  }
>

/** What was done against it, how it was verified, and what follows. */
function recoveryWords(event: RecoveryEvent, timeZone: string | undefined): EventWords {
  switch (event.type) {
    case 'gate_restarted':
      return {
        what: `Verification begins anew; restored at ${clockTime(event.verifyUntil, timeZone)} if it stays clean`,
        detail: event.reason,
      }
    case 'gate_ticked':
      return {
        what:
          event.outcome === 'done'
            ? `${GATE_WORDS[event.item]}: done`
            : `${GATE_WORDS[event.item]}: left for later, ${event.owner ?? 'somebody'} does it`,
        ...noted(event.note),
      }
    case 'gate_overridden':
      return {
        what: 'Passed over the verification',
        detail: [event.reason, ...event.unmet.map(({ reason }) => `Not met: ${reason}`)].join('\n'),
      }
    case 'watch_started':
      return {
        what: `Watched closer until ${dateTime(event.until, timeZone)}`,
        ...(event.checks.length > 0 && { detail: joinNames(event.checks.map(watchWords)) }),
      }
    case 'watch_ended':
      return { what: 'Not watched closer any more', detail: event.reason }
    case 'mitigation_applied': {
      const target = event.target === undefined ? '' : ` of ${event.target}`
      return { what: `${capital(MITIGATION_WORDS[event.kind])}${target}: ${event.what}` }
    }
    case 'mitigation_undone':
      return { what: `Took mitigation ${event.mitigationId} back`, ...noted(event.note) }
    case 'mitigation_measured':
      return { what: `Mitigation ${event.mitigationId}: ${event.effect.words}` }
    case 'postmortem_moved':
      return {
        what:
          event.to === 'draft' ? 'Postmortem drafted' : `Postmortem ${event.to.replace('_', ' ')}`,
        ...(event.dueAt !== undefined
          ? { detail: `Due ${dateTime(event.dueAt, timeZone)}` }
          : noted(event.note)),
      }
  }
}

const watchWords = ({ name, changes }: { name: string; changes: readonly string[] }) =>
  changes.length === 0 ? name : `${name} (${changes.join(', ')})`

/** What people did, and what became of findings because of it. */
function commandWords(event: CommandEvent, subjectOf: (key: string) => string): EventWords {
  switch (event.type) {
    case 'declared':
      return { what: 'Declared', ...noted(event.note) }
    case 'confirmed':
      return { what: 'Confirmed that it is real', ...noted(event.note) }
    case 'declined':
      return { what: declinedWords(event), detail: event.reason }
    case 'stood_down':
      return { what: 'Stood down', detail: event.reason }
    case 'acknowledged':
      return { what: 'Acknowledged', ...noted(event.note) }
    case 'noted':
      return {
        what: event.as === undefined ? event.text : `${NOTE_WORDS[event.as]}: ${event.text}`,
      }
    case 'sweep_begun':
      return { what: sweepBegunWords(event) }
    case 'swept':
      return { what: sweptWords(event.result) }
    case 'severity_lowered':
      return { what: `Lowered from ${event.from} to ${event.to}`, detail: event.reason }
    case 'data_at_risk':
      return { what: 'Fears that data is lost or wrong', detail: event.what }
    case 'data_at_risk_withdrawn':
      return { what: 'No data is at risk any more', detail: event.reason }
    case 'mitigated':
      return { what: 'Says that the impact is over', detail: event.note }
    case 'resolved':
      return {
        what:
          event.as === 'cause_fixed' ? 'Resolved: the cause is fixed' : 'Resolved: risk accepted',
        detail: event.reason,
      }
    case 'closed':
      return { what: 'Closed', ...noted(event.note) }
    case 'reopened':
      return { what: 'Reopened', detail: event.reason }
    case 'merged':
      return { what: `Became a part of ${event.into}`, detail: event.reason }
    case 'absorbed': {
      const findings = event.findings.length + event.counted.length
      return {
        what: `${event.from} became a part of this`,
        ...(findings > 0 && { detail: `With ${count(findings, 'finding')}` }),
      }
    }
    case 'split_off':
      return {
        what: `${joinNames(event.keys.map(subjectOf))} went to ${event.into}`,
        detail: event.reason,
      }
    case 'split_from':
      return {
        what: `Split off ${event.from}`,
        detail: `With ${joinNames(event.findings.map(({ subject }) => subject))}`,
      }
    case 'finding_counted':
      return { what: `${subjectOf(event.finding.key)} fails as well` }
    case 'paged':
      return {
        what: `${event.as === 'page' ? 'Paged' : 'Told'} ${namesOf(event.people)}${placeWords(event)}`,
        detail: event.reason,
      }
    case 'nobody_on_call':
      return {
        what: event.isPassed
          ? 'Nobody could be paged; the next step came at once'
          : 'Somebody of this step is not there',
        detail: event.reason,
      }
    case 'page_undeliverable':
      return {
        what: `No page to ${namesOf(event.people)} arrived; the next step came at once`,
        detail: event.reason,
      }
    case 'unowned':
      return {
        what: `Nobody has it${event.told.length === 0 ? '' : `; told ${namesOf(event.told)}`}`,
        detail: event.reason,
      }
    case 'page_asked':
      return { what: askedWords(event), ...noted(event.note) }
    case 'ticket_opened':
      return { what: `Ticket ${event.ticket.key} opened`, detail: event.reason }
    case 'acknowledgement_expired':
      return { what: 'The acknowledgement does not hold any more', detail: event.reason }
    default:
      return { what: unknownType(event) }
  }
}

type CommandEvent = Extract<
  IncidentEvent,
  {
    type:
      | 'declared'
      | 'confirmed'
      | 'declined'
      | 'stood_down'
      | 'acknowledged'
      | 'noted'
      | 'sweep_begun'
      | 'swept'
      | 'severity_lowered'
      | 'data_at_risk'
      | 'data_at_risk_withdrawn'
      | 'mitigated'
      | 'resolved'
      | 'closed'
      | 'reopened'
      | 'merged'
      | 'absorbed'
      | 'split_off'
      | 'split_from'
      | 'finding_counted'
      | 'paged'
      | 'nobody_on_call'
      | 'page_undeliverable'
      | 'unowned'
      | 'ticket_opened'
      | 'page_asked'
      | 'acknowledgement_expired'
  }
>

const declinedWords = ({ as, ticket }: Extract<CommandEvent, { type: 'declined' }>) =>
  as === 'false_alarm'
    ? 'Declined as a false alarm'
    : `Declined: a ticket is enough${ticket === undefined ? '' : ` (${ticket})`}`

const askedWords = ({ who, runbookId }: { who: string; runbookId: string }) =>
  `Asked for ${who}, by the runbook ${runbookId}`

const namesOf = (people: readonly { name: string }[]) => joinNames(people.map(({ name }) => name))

/** The first step of the first round goes without saying. */
const placeWords = ({ round, step }: { round: number; step: number }) =>
  round === 1 && step === 1 ? '' : ` (step ${step}${round === 1 ? '' : `, round ${round}`})`

const noted = (note: string | undefined) => (note === undefined ? {} : { detail: note })

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
