import { describeDuration } from '../../base/duration.ts'
import type { Incident } from '../../protocol/incident.ts'
import type { SimilarIncident, TriageCard } from '../../protocol/triage-card.ts'
import { describeIncident } from '../incident/describe-incident.ts'
import { openFindings } from '../incident/moves.ts'
import { joinNames } from '../join-names.ts'

/** The first thing to do, from the runbook that is bound to what fails. */
export type FirstStep = { runbook: string; text: string; url?: string | undefined }

/** Longest line of a page: read aloud it is well below half a minute. */
export const LINE_LENGTH_MAX = 300
const REGIONS_SHOWN_MAX = 5
const CHANGES_SHOWN_MAX = 2

/** What each line of a page is about, in the order in which it is always told. */
export const LINE_NAMES = ['What', 'Since', 'Where', 'Changed', 'Last time', 'First step'] as const

/**
 * The six lines that every page says, on every channel in this order: severity and what customers cannot
 * do; since when; scope and confirmation; what changed; what fixed it last time; the first step of the
 * runbook. A line of which nothing is known says that, so that its place stays.
 *
 * @param url where to look when no runbook is bound.
 */
export function pageLines(input: {
  incident: Incident
  card: Pick<TriageCard, 'affected' | 'changes' | 'similar' | 'howBad'>
  now: number
  firstStep?: FirstStep | undefined
  url: string
}): string[] {
  const { incident, card, now, firstStep, url } = input
  return [
    what(incident, card),
    since(incident, now),
    where(incident),
    changed(card, incident),
    lastTime(card.similar),
    firstStep
      ? `${firstStep.runbook}: ${firstStep.text}${firstStep.url === undefined ? '' : ` ${firstStep.url}`}`
      : `No runbook is bound to this; start at ${url}`,
  ].map(oneLine)
}

/** The lines with what each is about, as one text. */
export const labelled = (lines: readonly string[]): string[] =>
  lines.map((line, index) => {
    const name = LINE_NAMES[index]
    return name === undefined ? line : `${name}: ${line}`
  })

function what(incident: Incident, { affected }: Pick<TriageCard, 'affected'>): string {
  const names = affected.services.map(({ name }) => name)
  const service = names.length === 0 ? incident.serviceId : joinNames(names)
  return `${incident.severity} ${service}: ${incident.severityReason} ${capital(describeIncident(incident))}`
}

function since({ impactStartedAt }: Incident, now: number): string {
  const ago = describeDuration(Math.max(0, now - impactStartedAt))
  return `${utc(impactStartedAt)}, ${ago} ago`
}

function where(incident: Incident): string {
  const open = openFindings(incident)
  const regions = [...new Set(open.flatMap((finding) => finding.regions))]
  const watching = Math.max(0, ...open.map(({ regionsWatching }) => regionsWatching))
  const confirmation = open.find((finding) => finding.confirmation)?.confirmation
  const scope =
    regions.length === 0
      ? incident.isByHand === true
        ? 'Declared by a person; no check shows it'
        : 'In no region that is known'
      : `In ${shorten(regions, REGIONS_SHOWN_MAX)}${watching >= regions.length ? `, ${regions.length} of ${watching} regions` : ''}`
  if (confirmation) return `${scope}; ${confirmation.reason}`
  return incident.confirmed ? `${scope}; confirmed by ${incident.confirmed.by}` : scope
}

function changed({ changes }: Pick<TriageCard, 'changes'>, { impactStartedAt }: Incident): string {
  if (!changes) return 'Not known: no system tells of changes'
  const [first] = changes.list
  if (!first) return 'Nothing within the hour before it began'
  const told = changes.list
    .slice(0, CHANGES_SHOWN_MAX)
    .map(({ kind, summary, serviceName, at }) => {
      const distance = describeDuration(Math.abs(impactStartedAt - at))
      return `${kind} of ${serviceName}: ${summary} (${distance} ${at <= impactStartedAt ? 'before' : 'after'} it began)`
    })
  const more = changes.list.length + changes.more - told.length
  return `${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

function lastTime(similar: readonly SimilarIncident[]): string {
  const [known] = similar.filter(({ fixedBy }) => fixedBy.length > 0)
  const fix = known?.fixedBy[0]
  if (known && fix) return `${known.incidentId}: ${fix.text} (${fix.by})`
  const [like] = similar
  return like
    ? `${like.incidentId} was like it; nobody wrote down what ended it`
    : 'Nothing like it is on record'
}

const shorten = (names: readonly string[], max: number): string =>
  names.length <= max
    ? joinNames(names)
    : `${names.slice(0, max).join(', ')} and ${names.length - max} more`

/** Which zone its reader is in a page cannot know; this one everybody can convert. */
const utc = (instant: number) => `${new Date(instant).toISOString().slice(11, 16)} UTC`

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > LINE_LENGTH_MAX ? `${line.slice(0, LINE_LENGTH_MAX - 1)}…` : line
}
