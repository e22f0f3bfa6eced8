import { describeDuration } from '../../../base/duration.ts'
import type { Fleet } from '../../../protocol/config.ts'
import type { Incident, IncidentEvent } from '../../../protocol/incident.ts'
import { joinNames } from '../../join-names.ts'
import { componentsOf } from '../../status-page/components-of.ts'
import { describeIncident } from '../describe-incident.ts'
import {
  HARM_IMPACT,
  HARM_TITLE,
  harmOf,
  isHarmSeen,
  publicStatus,
  sentence,
  WORK,
} from '../leading/draft-update.ts'
import { holderOf } from '../leading/roles.ts'
import { nextUpdateWords, utcTime } from '../leading/update-text.ts'
import type { StakeholderNews } from './decide-told.ts'

export type ToldTextInput = {
  news: StakeholderNews
  /** As the events have made it. */
  incident: Incident
  /** Those that are told of. */
  events: readonly IncidentEvent[]
  /** As people call it. */
  serviceName: string
  fleet: Pick<Fleet, 'severityLabels' | 'statusPage'>
  /** Why these people are told. */
  reason: string
}

/** What a stakeholder reads: one line that says it, and labelled lines below. */
export type ToldText = { subject: string; lines: string[] }

/**
 * Writes what a stakeholder is told, for people who do not run the service: what customers notice, since
 * when, what happens next, and what to answer customers who ask. Nothing in it wants an answer.
 */
export function toldText(input: ToldTextInput): ToldText {
  const { news, incident, serviceName, reason } = input
  const lines = LINES[news](input)
  return {
    subject: `${incident.severity} ${incident.id}: ${SUBJECT[news](serviceName, incident)}`,
    lines: [
      ...lines,
      `You read this because: ${sentence(reason)} There is nothing to acknowledge.`,
    ],
  }
}

const SUBJECT: {
  readonly [N in StakeholderNews]: (serviceName: string, incident: Incident) => string
} = {
  confirmed: (name, incident) =>
    incident.state === 'verifying'
      ? `${name}: works again for the moment`
      : `${name}: ${isHarmSeen(incident) ? HARM_TITLE[harmOf(incident)] : 'its state is not known'}`,
  update: (name) => `update on ${name}`,
  restored: (name) => `${name} works again`,
  resolved: (name) => `${name} is settled`,
  back: (name) => `${name} fails again`,
  ended: (name) => `no further news of ${name}`,
}

const LINES: { readonly [N in StakeholderNews]: (input: ToldTextInput) => string[] } = {
  confirmed: (input) => [
    ...stateLines(input),
    `Who: ${whoWords(input.incident)}`,
    `You hear more: ${nextWords(input.incident)}`,
    answerLine(input),
  ],
  back: (input) => [
    'It worked again for a while, and fails once more.',
    ...stateLines(input),
    `Who: ${whoWords(input.incident)}`,
    `You hear more: ${nextWords(input.incident)}`,
    answerLine(input),
  ],
  update: (input) => {
    const update = input.events.findLast((event) => event.type === 'update_posted')
    if (update?.type !== 'update_posted') return stateLines(input)
    const { impact, currentStatus, nextSteps } = update.internal
    return [
      `Impact: ${sentence(impact)}`,
      `Now: ${sentence(currentStatus)}`,
      `Next: ${sentence(nextSteps)}`,
      update.nextAt === undefined
        ? nextUpdateWords(undefined)
        : `You hear more: ${nextUpdateWords(update.nextAt)}`,
      answerLine(input),
    ]
  },
  restored: (input) => [
    `Affected: ${spanWords(input.incident)}`,
    'Now: It is watched more closely, and its cause is still to be mended.',
    answerLine(input),
  ],
  resolved: (input) => {
    const { resolved } = input.incident
    const what =
      resolved?.as === 'risk_accepted' ? 'Its cause stays as it is' : 'Its cause is mended'
    return [
      `Affected: ${spanWords(input.incident)}`,
      resolved ? `Outcome: ${what}: ${sentence(resolved.reason)}` : `Outcome: ${what}.`,
      ...(input.incident.postmortem
        ? ['Review: What happened is being written down, with what changes because of it.']
        : []),
      'This is the last message about it, unless it comes back.',
    ]
  },
  ended: ({ incident }) => {
    const { mergedInto, declined } = incident
    if (mergedInto !== undefined) return [`It goes on as a part of ${mergedInto}.`]
    const why = declined === undefined ? '' : `: ${sentence(declined.reason)}`
    const what =
      incident.state === 'declined' ? 'It turned out to be no outage' : 'Nobody is needed for it'
    return [`${what}${why === '' ? '.' : why}`]
  },
}

function stateLines({ incident, serviceName, fleet }: ToldTextInput): string[] {
  const { severity } = incident
  const label = fleet.severityLabels?.[severity]
  const what =
    incident.state === 'verifying'
      ? ['What: It works again for the moment, and is being verified.']
      : [
          isHarmSeen(incident)
            ? `What: ${serviceName}: ${HARM_TITLE[harmOf(incident)]}. ${HARM_IMPACT[harmOf(incident)]}`
            : `What: ${serviceName}: whether customers notice anything is not known.`,
          `Seen by: ${sentence(describeIncident(incident))}`,
        ]
  return [
    ...what,
    `Since: ${day(incident.impactStartedAt)}, ${utcTime(incident.impactStartedAt)} UTC`,
    label
      ? `Severity: ${severity}, ${label.name}: ${sentence(label.description)}`
      : `Severity: ${severity}`,
  ]
}

function whoWords(incident: Incident): string {
  const lead = holderOf(incident, 'incident_commander')
  return lead === undefined ? 'People work on it.' : `People work on it, led by ${lead}.`
}

/** No promise is made for them: they hear what the incident has promised. */
const nextWords = ({ updates }: Incident): string =>
  updates ? nextUpdateWords(updates.nextAt) : 'when something changes'

function spanWords({ impactStartedAt, recoveredAt, restoredAt }: Incident): string {
  const from = `from ${day(impactStartedAt)}, ${utcTime(impactStartedAt)} UTC`
  const end = recoveredAt ?? restoredAt
  if (end === undefined) return from
  const until = day(end) === day(impactStartedAt) ? utcTime(end) : `${day(end)}, ${utcTime(end)}`
  return `${from} until ${until} UTC (${describeDuration(Math.max(0, end - impactStartedAt))})`
}

const day = (instant: number) => new Date(instant).toISOString().slice(0, 10)

/**
 * What may be said to customers: what is public already, else words with nothing in them that is only
 * ours.
 */
function answerLine({ incident, events, serviceName, fleet }: ToldTextInput): string {
  const posted = events.findLast((event) => event.type === 'update_posted')
  const published = posted?.type === 'update_posted' ? posted.public : undefined
  if (published)
    return `If customers ask: “${[published.acknowledgement, published.impact, published.work].map(sentence).join(' ')}”`
  const affected = fleet.statusPage ? componentsOf(incident, fleet.statusPage) : []
  const names = affected.length > 0 ? affected.map(({ name }) => name) : [serviceName]
  const isOne = names.length === 1
  const subject = joinNames(names)
  const status = publicStatus(incident, events)
  if (status === 'monitoring' || status === 'resolved') {
    const then = status === 'monitoring' ? WORK[status] : 'We are sorry for the trouble.'
    return `If customers ask: “${subject} ${isOne ? 'works' : 'work'} again. ${then}”`
  }
  if (!isHarmSeen(incident))
    return `If customers ask: “We are looking into whether ${subject} ${isOne ? 'works' : 'work'} as ${isOne ? 'it' : 'they'} should.”`
  const known = `We know that ${subject} ${isOne ? 'does' : 'do'} not work as ${isOne ? 'it' : 'they'} should.`
  return `If customers ask: “${known} ${HARM_IMPACT[harmOf(incident)]} ${WORK[status]}”`
}
