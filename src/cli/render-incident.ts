import type { z } from 'zod'
import { describeDuration } from '../base/duration.ts'
import { printable } from '../definitions/printable.ts'
import { isAcknowledged } from '../domain/incident/commands/acknowledge.ts'
import { eventLine } from '../domain/incident/event-line.ts'
import type { MeasuredDetection } from '../protocol/detection.ts'
import type { Incident, IncidentEvent } from '../protocol/incident.ts'
import type { LeadingView } from '../protocol/leading-view.ts'
import type { CommandedIncident, getIncident, IncidentSummary } from '../protocol/public-api.ts'
import { leadingWords, renderLeading } from './render-leading.ts'
import { renderRecovery } from './render-recovery.ts'
import { renderTriageCard } from './render-triage-card.ts'
import type { Paint } from './run-report.ts'
import { LINE_WIDTH, wrapWords } from './wrap-words.ts'

/** Incidents for people at a terminal. Text that comes from elsewhere cannot control it. */
export type IncidentReportOptions = { now: number; paint: Paint }

/** One incident on two lines, or more where its headline is long. */
export function renderIncidents(
  { data, nextCursor }: { data: readonly IncidentSummary[]; nextCursor: string | null },
  { now, paint }: IncidentReportOptions,
): string {
  if (data.length === 0) return 'no incidents\n'
  const lines = data.flatMap((incident) => [
    [
      incident.id.padEnd(8),
      paintSeverity(incident.severity, paint),
      incident.state.padEnd(10),
      describeDuration(Math.max(0, now - incident.openedAt)).padStart(12),
      printable(incident.serviceId),
    ].join('  '),
    ...wrapWords(printable(incident.headline), 10),
  ])
  if (nextCursor !== null) lines.push('and older ones; --service and --severity narrow the list')
  return `${lines.join('\n')}\n`
}

export const paintSeverity = (severity: string, paint: Paint): string =>
  paint(severity === 'SEV-1' ? 'red' : severity === 'SEV-2' ? 'yellow' : 'dim', severity)

/** What became of a command, on one line, and the other incident where there is one. */
export function renderDone({ incident, related, isRepeated }: CommandedIncident): string {
  const { id, state, severity } = incident
  const who = acknowledgedWords(incident)
  const words = [`${id} is ${state}, ${severity}`, ...(who === undefined ? [] : [who])].join(', ')
  const other = related === undefined ? '' : `; see ${related}`
  return `${words}${other}${isRepeated ? ' (it was so already)' : ''}\n`
}

/** Who has it, and whether they know all of it. */
export function acknowledgedWords(
  incident: Pick<Incident, 'acknowledged' | 'generation'>,
): string | undefined {
  const { acknowledged } = incident
  if (!acknowledged) return undefined
  const name = printable(acknowledged.by)
  return isAcknowledged(incident)
    ? `acknowledged by ${name}`
    : `acknowledged by ${name} before it became wider or worse`
}

/** Events that `show` prints; `--json` has all of them. */
const EVENTS_SHOWN = 20

/** One incident: its triage card, and the last events. */
export function renderIncident(
  {
    incident,
    headline,
    detection,
    triage,
    events,
    gate,
    leading,
  }: z.output<typeof getIncident.response>,
  options: IncidentReportOptions,
): string {
  const { paint } = options
  const { id, state, severity, generation } = incident
  const who = acknowledgedWords(incident) ?? 'not acknowledged'
  const links = linksOf(incident)
  const lines = [
    `${paint('bold', id)}  ${paintSeverity(severity, paint)}  ${state}, generation ${generation}, ${who}`,
    ...wrapWords(printable(headline)),
    ...(incident.dataAtRisk ? wrapWords(dataWords(incident.dataAtRisk)) : []),
    ...(detection ? wrapWords(foundWords(detection)) : []),
    ...(links.length > 0 ? wrapWords(`${links.join(', ')}.`) : []),
    '',
    ...renderTriageCard(triage, options),
    ...(leading ? renderLeading(incident, leading, options) : []),
    ...renderRecovery({ incident, gate }, options),
    '',
    paint('bold', 'Timeline'),
    ...timeline(events, leading?.corrections ?? [], paint),
  ]
  return `${lines.join('\n')}\n`
}

const dataWords = ({ what, by }: NonNullable<Incident['dataAtRisk']>): string =>
  printable(`Data may be lost or wrong, says ${by}: ${what}`)

function foundWords({ tookMs, uncertainMs, promisedMs }: MeasuredDetection): string {
  const uncertain =
    uncertainMs === undefined ? '' : ` (plus up to ${describeDuration(uncertainMs)} unseen)`
  const promised =
    promisedMs === undefined ? '' : `, promised within ${describeDuration(promisedMs)}`
  return `Found ${describeDuration(tookMs)} after the first bad evidence${uncertain}${promised}.`
}

const linksOf = ({ mergedInto, absorbed, splitFrom, splitInto, ticket }: Incident): string[] => [
  ...(mergedInto === undefined ? [] : [`A part of ${mergedInto}`]),
  ...(absorbed === undefined ? [] : [`with ${absorbed.join(', ')}`]),
  ...(splitFrom === undefined ? [] : [`split off ${splitFrom}`]),
  ...(splitInto === undefined ? [] : [`${splitInto.join(', ')} split off it`]),
  ...(ticket === undefined
    ? []
    : [printable(`ticket ${ticket.key}${ticket.url === undefined ? '' : ` ${ticket.url}`}`)]),
]

function timeline(
  events: readonly IncidentEvent[],
  corrections: LeadingView['corrections'],
  paint: Paint,
): string[] {
  const told = events.filter(({ type }) => type !== 'finding_counted')
  const shown = told.slice(-EVENTS_SHOWN)
  const left = events.length - shown.length
  return [
    ...(left > 0 ? [paint('dim', `  ${left} earlier events; --json has all of them`)] : []),
    ...shown.flatMap((event) => {
      const at = new Date(event.occurredAt).toISOString().slice(0, 19).replace('T', ' ')
      const by = event.actor.kind === 'person' ? ` (${printable(event.actor.name)})` : ''
      const corrected = corrections.find(({ sequence }) => sequence === event.sequence)
      const instead = corrected?.text === undefined ? '' : ` [corrected: ${corrected.text}]`
      const text = printable(`${eventWords(event)}${instead}${by} #${event.sequence}`)
      const [first = '', ...rest] = wrapWords(text, 0, LINE_WIDTH - 23)
      return [`  ${paint('dim', at)}  ${first}`, ...rest.map((line) => `${' '.repeat(23)}${line}`)]
    }),
  ]
}

/** What an event says, of how it is led in the words for that. */
function eventWords(event: IncidentEvent): string {
  const leading = leadingWords(event)
  return leading === undefined ? eventLine(event) : `${event.type.replaceAll('_', ' ')}: ${leading}`
}
