import { describeDuration } from '../../../base/duration.ts'
import type { Fleet } from '../../../protocol/config.ts'
import type { Incident, IncidentEvent } from '../../../protocol/incident.ts'
import type { InternalUpdate, PublicUpdate } from '../../../protocol/leading.ts'
import type { UpdateDraft } from '../../../protocol/leading-view.ts'
import type { ComponentStatus, PublicStatus, StatusPage } from '../../../protocol/status-page.ts'
import type { TriageCard } from '../../../protocol/triage-card.ts'
import { joinNames } from '../../join-names.ts'
import { componentsOf } from '../../status-page/components-of.ts'
import { describeIncident } from '../describe-incident.ts'
import { isOpen } from '../moves.ts'
import { triedSoFar } from './tried.ts'

export type DraftInput = {
  incident: Incident
  events: readonly IncidentEvent[]
  failing: TriageCard['howBad']['failing']
  fleet: Pick<Fleet, 'statusPage' | 'updateEveryMs'>
  now: number
}

/**
 * Writes the next update as far as the evidence goes: whoever sends it reads and mends it. It claims
 * nothing that was not measured or written down, and the public part has no word that is only ours.
 */
export function draftUpdate(input: DraftInput): UpdateDraft {
  const { incident, fleet, now } = input
  const everyMs = fleet.updateEveryMs?.[incident.severity]
  const isLast = !isOpen(incident)
  return {
    internal: internalDraft(input),
    ...(fleet.statusPage && { public: publicDraft(incident, input.events, fleet.statusPage) }),
    ...(!isLast && everyMs !== undefined && { nextAt: now + everyMs }),
    isLast,
  }
}

function internalDraft({ incident, events, failing, now }: DraftInput): InternalUpdate {
  const { severity, impactStartedAt, recoveredAt, nextAction, dataAtRisk } = incident
  const lasted = describeDuration(Math.max(0, (recoveredAt ?? now) - impactStartedAt))
  const share =
    failing && failing.runs > 0
      ? ` ${Math.round((100 * failing.failed) / failing.runs)} % of our checks of it fail.`
      : ''
  const data = dataAtRisk ? ` Data may be lost or wrong: ${sentence(dataAtRisk.what)}` : ''
  return {
    severity,
    impact: `${sentence(describeIncident(incident))}${share}${data} ${recoveredAt === undefined ? `It has lasted for ${lasted}.` : `It lasted for ${lasted}.`}`,
    currentStatus: currentStatus(incident, events),
    nextSteps:
      nextAction === undefined
        ? NEXT_BY_STATE[incident.state]
        : `${sentence(nextAction.text)}${nextAction.who === undefined ? '' : ` ${nextAction.who} does it.`}`,
  }
}

const NEXT_BY_STATE: { readonly [S in Incident['state']]: string } = {
  triage: 'Find out what it affects.',
  mitigating: 'End the impact.',
  verifying: 'See that it stays well.',
  restored: 'Watch that it does not come back, and mend the cause.',
  resolved: 'Review what happened.',
  closed: 'Nothing more.',
  declined: 'Nothing more.',
  merged: 'See the incident that it became a part of.',
  cancelled: 'Nothing more.',
}

const STATUS_BY_STATE: { readonly [S in Incident['state']]: string } = {
  triage: 'It is being looked at.',
  mitigating: 'People work on it.',
  verifying: 'Nothing fails any more; it is being verified.',
  restored: 'It is restored.',
  resolved: 'It is resolved.',
  closed: 'It is closed.',
  declined: 'It is no incident.',
  merged: 'It is a part of another incident.',
  cancelled: 'Nobody is needed any more.',
}

function currentStatus(incident: Incident, events: readonly IncidentEvent[]): string {
  const last = triedSoFar(events, incident).at(-1)
  const found = events.findLast((event) => event.type === 'noted' && event.as === 'finding')
  return [
    STATUS_BY_STATE[incident.state],
    found?.type === 'noted' ? `Found: ${sentence(found.text)}` : undefined,
    last &&
      `Last done: ${sentence(last.what)}${last.result === undefined ? '' : ` ${sentence(last.result)}`}`,
  ]
    .filter((part) => part !== undefined)
    .join(' ')
}

/** With a full stop, where it has no end of its own. */
export const sentence = (text: string) =>
  /[.!?…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`

function publicDraft(
  incident: Incident,
  events: readonly IncidentEvent[],
  page: StatusPage,
): PublicUpdate {
  const affected = componentsOf(incident, page)
  const shown = affected.length > 0 ? affected : page.components
  const subject = joinNames(shown.map(({ name }) => name))
  const status = publicStatus(incident, events)
  const isOver = status === 'resolved' || status === 'monitoring'
  const isSeen = isHarmSeen(incident)
  const component = isOver || !isSeen ? 'operational' : harmOf(incident)
  const [works, does, it] = shown.length === 1 ? ['works', 'does', 'it'] : ['work', 'do', 'they']
  const trouble = isSeen ? HARM_TITLE[harmOf(incident)] : 'being checked'
  const known = isSeen
    ? `We know that ${subject} ${does} not work as ${it} should.`
    : `We are checking whether ${subject} ${works} as ${it} should.`
  return {
    title: incident.published?.title ?? `${subject}: ${trouble}`,
    status,
    acknowledgement: isOver ? `${subject} ${works} again.` : known,
    impact: isOver ? 'You should notice nothing of it any more.' : HARM_IMPACT[component],
    work: WORK[status],
    components: shown.map(({ id }) => ({ id, status: component })),
  }
}

/** By what is measured: never better than that. */
export function publicStatus(incident: Incident, events: readonly IncidentEvent[]): PublicStatus {
  if (incident.state === 'verifying') return 'monitoring'
  if (!isOpen(incident)) return 'resolved'
  const isFound = events.some((event) => event.type === 'noted' && event.as === 'finding')
  return isFound || incident.mitigated ? 'identified' : 'investigating'
}

/** Whether anything was measured that customers may notice: that a service or region is silent is no such thing. */
export function isHarmSeen({ findings }: Incident): boolean {
  const open = findings.filter(({ clearedAt }) => clearedAt === undefined)
  return (
    open.length === 0 || open.some(({ kind }) => kind !== 'no_data' && kind !== 'region_silent')
  )
}

/** What customers notice, as far as it is measured. */
export function harmOf({ findings, scope, severity }: Incident): ComponentStatus {
  const kinds = findings.filter(({ clearedAt }) => clearedAt === undefined).map(({ kind }) => kind)
  if (kinds.length > 0 && kinds.every((kind) => kind === 'check_degraded'))
    return 'degraded_performance'
  if (scope === 'global' || (kinds.length === 0 && severity === 'SEV-1')) return 'major_outage'
  return 'partial_outage'
}

export const HARM_TITLE: { readonly [S in ComponentStatus]: string } = {
  operational: 'trouble',
  degraded_performance: 'slower than usual',
  partial_outage: 'trouble for some customers',
  major_outage: 'not available',
}
export const HARM_IMPACT: { readonly [S in ComponentStatus]: string } = {
  operational: 'You may notice nothing of it.',
  degraded_performance: 'It works, and takes longer than usual.',
  partial_outage: 'Some customers cannot use it at the moment.',
  major_outage: 'Customers cannot use it at the moment.',
}
export const WORK: { readonly [S in PublicStatus]: string } = {
  investigating: 'We are looking for the cause and working to bring it back.',
  identified: 'We have found the cause and are putting it right.',
  monitoring: 'We are watching that it stays so.',
  resolved: 'We are sorry for the trouble, and will publish what happened and what we change.',
}
