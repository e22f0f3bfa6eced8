import type { Incident, IncidentEvent } from '../../protocol/incident.ts'
import type { Page } from '../../protocol/page.ts'
import { isAcknowledged } from '../incident/commands/acknowledge.ts'
import { isWorse } from '../incident/suggest-severity.ts'
import type { Escalation } from '../on-call/escalations-for.ts'

/** What becomes of the pages of an incident when it changes. */
export type PageDecision =
  | { kind: 'start'; escalation: Escalation; cause: string }
  | { kind: 'stop'; pageId: string; state: 'acknowledged' | 'ended'; reason: string }
  /** It goes on as it was, and tells of more from its next step on. */
  | { kind: 'go_on'; pageId: string; generation: number }

/**
 * Decides about pages after events of an incident. Pages are for incidents in triage and mitigation.
 *
 * - Opened, wider, worse or failing again: somebody is paged, also where an earlier form was
 *   acknowledged.
 * - Worse: a page that runs begins anew, by the ladder of the higher severity.
 * - Wider while nobody has it: a page that runs keeps its place. To begin anew at each region that joins
 *   would keep it from ever reaching the second person.
 * - Acknowledged: pages that run stop, and the others are told who has it.
 * - Lower, or nobody needed: they stop.
 * - Whom a person asked for is called once, by a page that goes by itself: none of this is about it,
 *   except that it ends when nobody is needed.
 * - Somebody more is needed, by a rule, while somebody has it: they are told once.
 *
 * @param before the incident as it was; undefined for a new one.
 * @param known every page that the incident ever had.
 * @param escalations whom it goes to as it is.
 */
export function decidePages(input: {
  before: Incident | undefined
  incident: Incident
  events: readonly IncidentEvent[]
  known: readonly Page[]
  escalations: readonly Escalation[]
}): PageDecision[] {
  const { before, incident, events, escalations } = input
  const known = wantsPeople(incident)
    ? input.known.filter(({ isOnce }) => isOnce !== true)
    : input.known
  const running = known.filter(({ state }) => state === 'running')
  if (!wantsPeople(incident)) {
    const reason = `it is ${incident.state}`
    return known
      .filter(({ state }) => state !== 'ended')
      .filter(({ state }) => state === 'running' || incident.state !== 'verifying')
      .map(({ pageId }) => ({ kind: 'stop', pageId, state: 'ended', reason }))
  }
  const lowered = events.find((event) => event.type === 'severity_lowered')
  if (lowered)
    return running.map(({ pageId }) => ({
      kind: 'stop',
      pageId,
      state: 'ended',
      reason: `somebody looked, and lowered it to ${incident.severity}`,
    }))
  if (isAcknowledged(incident))
    return [...stopped(incident, known), ...calledLater({ ...input, known })]

  const cause = causeOf(before, incident, events)
  const hasWorsened = before !== undefined && isWorse(incident.severity, before.severity)
  const decisions = escalations.flatMap((escalation): PageDecision[] => {
    const own = known.filter(({ escalationId }) => escalationId === escalation.id)
    const current = own.find(({ state }) => state === 'running')
    if (current && !hasWorsened) return goOn(current, incident)
    const isFirst = own.length === 0
    if (cause === undefined && !isFirst) return []
    if (escalation.as === 'notice' && !isFirst && !hasWorsened) return []
    const superseded = own.filter(({ state }) => state !== 'ended')
    return [
      ...superseded.map(
        ({ pageId }): PageDecision => ({
          kind: 'stop',
          pageId,
          state: 'ended',
          reason: `another page took its place: ${cause ?? 'more was found'}`,
        }),
      ),
      { kind: 'start', escalation, cause: cause ?? 'more was found' },
    ]
  })
  // A severity whose ladder is empty pages nobody, and what ran for a higher one has been lowered.
  return decisions
}

export const wantsPeople = ({ state }: Pick<Incident, 'state'>): boolean =>
  state === 'triage' || state === 'mitigating'

function stopped(incident: Incident, known: readonly Page[]): PageDecision[] {
  const { acknowledged } = incident
  const reason = `${acknowledged?.by ?? 'somebody'} has it`
  return known
    .filter(({ state, as }) => as === 'page' && (state === 'running' || state === 'unowned'))
    .map(({ pageId }) => ({ kind: 'stop', pageId, state: 'acknowledged', reason }))
}

/** Somebody has it, and a rule names somebody more: they are told, and nobody waits for them. */
function calledLater({
  incident,
  known,
  escalations,
}: Parameters<typeof decidePages>[0]): PageDecision[] {
  return escalations
    .filter(({ id }) => id.startsWith('responder:'))
    .filter(({ id }) => known.every(({ escalationId }) => escalationId !== id))
    .map((escalation) => ({
      kind: 'start',
      escalation: {
        ...escalation,
        as: 'notice',
        ladder: { ...escalation.ladder, steps: escalation.ladder.steps.slice(0, 1), rounds: 1 },
      },
      cause: `${incident.acknowledged?.by ?? 'somebody'} has it, and more was found`,
    }))
}

const goOn = ({ pageId, generation }: Page, incident: Incident): PageDecision[] =>
  generation === incident.generation
    ? []
    : [{ kind: 'go_on', pageId, generation: incident.generation }]

/** Why somebody is to be paged now, in words; undefined where nothing is news. */
function causeOf(
  before: Incident | undefined,
  incident: Incident,
  events: readonly IncidentEvent[],
): string | undefined {
  if (!before) return 'it was opened'
  if (isWorse(incident.severity, before.severity))
    return `it was raised from ${before.severity} to ${incident.severity}`
  const has = (type: IncidentEvent['type']) => events.some((event) => event.type === type)
  if (has('recurred')) return 'it came back after it was restored'
  if (has('relapsed')) return 'it failed again while it was being verified'
  if (has('reopened')) return 'it was reopened'
  const expired = events.find((event) => event.type === 'acknowledgement_expired')
  if (expired) return expired.reason
  if (incident.generation > before.generation) return 'it reaches further than before'
  return undefined
}
