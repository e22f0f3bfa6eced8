import { describeDuration } from '../../base/duration.ts'
import type { Incident, IncidentEvent } from '../../protocol/incident.ts'
import type { IncidentTimes } from '../../protocol/incident-times.ts'
import type { PostmortemBody } from '../../protocol/postmortem.ts'

/** Found within so long, nobody need be ashamed of it. */
const FOUND_SOON_MS = 2 * 60_000
const TAKEN_SOON_MS = 5 * 60_000

/**
 * The first version of a review, from the record: what happened, with its numbers as names of figures,
 * and what the record itself says went well or badly. The causes are for people to find.
 */
export function draftPostmortem(
  incident: Incident,
  events: readonly IncidentEvent[],
  times: IncidentTimes,
  /** That users found it first, in words. */
  gap?: string,
  /** A service of it says what it earns, and it is measured how much of it failed. */
  isRevenueKnown = false,
): PostmortemBody {
  const ended = incident.mitigations?.filter(({ effect }) => effect?.verdict === 'worked') ?? []
  const what = ended.map(({ kind, what: done, effect }) => `${kind}, ${done} (${effect?.words})`)
  return {
    summary: [
      `${incident.title}.`,
      'It began at {{started}}, was found after {{time_to_detect}}, and customers had it for {{impact_duration}}.',
      what.length > 0 ? `What ended it: ${what.join('; ')}.` : 'What ended it is not on record.',
      'It was restored {{time_to_restore}} after it was found.',
    ].join(' '),
    impact: [
      incident.severityReason,
      'It was seen in {{regions}}. Users affected: {{users_affected}}. Orders lost or delayed: {{orders_lost}}. Users told of it {{user_reports}} times.',
      ...(isRevenueKnown ? ['Revenue lost: {{revenue_lost}}.'] : []),
    ].join('\n\n'),
    why: {
      question: `Why did it happen that ${incident.title}?`,
      answers: incident.resolved
        ? [{ answer: incident.resolved.reason, evidence: firstEvidence(incident), whys: [] }]
        : [{ answer: '', evidence: firstEvidence(incident), whys: [] }],
    },
    wentWell: asList(wentWell(incident, events, times)),
    wentBadly: asList([...(gap === undefined ? [] : [gap]), ...wentBadly(incident, events, times)]),
    hidden: [],
    figures: {},
  }
}

function firstEvidence({ findings }: Incident) {
  const [first] = findings.flatMap(({ evidence }) => evidence)
  if (!first) return []
  const label = `${first.checkName ?? first.checkId} in ${first.regionId}`
  return [{ label, link: `/runs/${first.runId}` }]
}

function wentWell(
  { mitigations = [] }: Incident,
  events: readonly IncidentEvent[],
  { durations: { mttd, mtta } }: IncidentTimes,
): string[] {
  const ticked = events.filter(({ type }) => type === 'step_done').length
  return [
    ...(mttd.value !== null && mttd.value <= FOUND_SOON_MS
      ? ['It was found {{time_to_detect}} after it began.']
      : []),
    ...(mtta.value !== null && mtta.value <= TAKEN_SOON_MS
      ? ['Somebody had it {{time_to_acknowledge}} after the first page.']
      : []),
    ...(ticked > 0 ? [`A runbook was followed; ${ticked} of its steps were done.`] : []),
    ...mitigations
      .filter(({ effect }) => effect?.verdict === 'worked')
      .map(({ what, effect }) => `${what}: ${effect?.words}.`),
  ]
}

function wentBadly(
  { mitigations = [] }: Incident,
  events: readonly IncidentEvent[],
  { durations: { mttd, mtta } }: IncidentTimes,
): string[] {
  const counted = (type: IncidentEvent['type']) =>
    events.filter((event) => event.type === type).length
  const restarts = counted('gate_restarted')
  const again = counted('relapsed') + counted('recurred')
  const isPassedOver = counted('gate_overridden') > 0
  return [
    ...(mttd.value !== null && mttd.value > FOUND_SOON_MS
      ? [`It took {{time_to_detect}} to find it; ${describeDuration(FOUND_SOON_MS)} would be soon.`]
      : []),
    ...(mtta.value !== null && mtta.value > TAKEN_SOON_MS
      ? ['It took {{time_to_acknowledge}} until somebody had it.']
      : []),
    ...mitigations
      .filter(({ effect }) => effect?.verdict === 'no_effect' || effect?.verdict === 'worse')
      .map(({ what, effect }) => `${what}: ${effect?.words}.`),
    ...(again > 0 ? [`It failed again ${again} times after it had recovered.`] : []),
    ...(restarts > 0 ? [`The verification began anew ${restarts} times.`] : []),
    ...(isPassedOver ? ['The verification was passed over.'] : []),
  ]
}

const asList = (entries: readonly string[]) => entries.map((entry) => `* ${entry}`).join('\n')
