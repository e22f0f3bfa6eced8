import type { Evidence, Finding, Incident } from '../../protocol/incident.ts'
import { joinNames } from '../join-names.ts'
import { openFindings } from './moves.ts'

/** Longest part of an error that a headline quotes: it must stay one line. */
const MESSAGE_LENGTH_SHOWN = 160

/** Names that a headline lists before it only counts. */
const NAMES_SHOWN_MAX = 3

/** A short name for an incident that opens with this finding: `Storefront: checkout-stop fails`. */
export function titleFor(serviceName: string, finding: Pick<Finding, 'kind' | 'subject'>): string {
  switch (finding.kind) {
    case 'check_failing':
      return `${serviceName}: ${finding.subject} fails`
    case 'check_degraded':
      return `${serviceName}: ${finding.subject} is degraded`
    case 'no_data':
      return `${serviceName}: nothing is known of ${finding.subject}`
    case 'region_silent':
      return `${serviceName}: region ${finding.subject} is silent`
    case 'region_failing':
      return `${serviceName}: region ${finding.subject} is in trouble`
    case 'signal':
      return `${serviceName}: ${finding.subject}`
    case 'objective_burning':
      return `${serviceName}: ${finding.subject} burns its budget`
  }
}

/**
 * What is wrong, where and how it shows, in one sentence. Without clock times: in which zone they
 * are told is the reader's choice.
 *
 * @param regionsTotal how many regions there are, where a finding does not say how many watch it.
 */
export function describeIncident(
  incident: Pick<Incident, 'findings' | 'countedFindings' | 'title' | 'isByHand'>,
  regionsTotal?: number,
): string {
  const open = openFindings(incident)
  if (open.length === 0 && incident.isByHand === true) return incident.title
  const failing = open.filter(({ kind }) => kind === 'check_failing')
  const silent = open.filter(({ kind }) => kind === 'region_silent').map(({ subject }) => subject)
  const parts: string[] = []

  const [first] = failing
  if (first && failing.length === 1) parts.push(describeCheck(first, regionsTotal))
  else if (first) parts.push(describeChecks(failing, regionsTotal))
  const region = parts.length === 0 ? 'Region' : 'region'
  parts.push(...describeOthers(open))
  if (silent.length === 1) parts.push(`${region} ${silent[0]} is silent`)
  else if (silent.length > 1) parts.push(`${region}s ${shorten(silent)} are silent`)
  const counted = incident.countedFindings?.length ?? 0
  if (counted > 0) parts.push(`and ${counted} more`)
  if (parts.length > 0) return parts.join('; ')
  return incident.findings.length === 0 ? incident.title : 'All findings are clear.'
}

/** Signals and objectives speak in their own words; only so many, whatever comes in. */
function describeOthers(open: readonly OpenFinding[]): string[] {
  const burning = open.filter(({ kind }) => kind === 'objective_burning')
  const signals = open.filter(({ kind }) => kind === 'signal')
  const degraded = open.filter(({ kind }) => kind === 'check_degraded')
  const unknown = open.filter(({ kind }) => kind === 'no_data').map(({ subject }) => subject)
  const words: string[] = []
  const [slow] = degraded
  if (slow && degraded.length === 1) words.push(`${slow.subject} is degraded: ${slow.reason}`)
  else if (slow)
    words.push(
      `${degraded.length} checks are degraded: ${shorten(degraded.map(({ subject }) => subject))}`,
    )
  const regions = open.filter(({ kind }) => kind === 'region_failing')
  for (const region of regions.slice(0, NAMES_SHOWN_MAX))
    words.push(`region ${region.subject} is in trouble: ${region.reason}`)
  if (unknown.length > 0) words.push(`nothing is known of ${shorten(unknown)}`)
  if (burning.length > 0)
    words.push(`${shorten(burning.map(({ subject }) => subject))}: budget burns too fast`)
  const [first] = signals
  if (first && signals.length === 1)
    words.push(
      first.source === undefined ? first.subject : `${first.source.name}: ${first.subject}`,
    )
  else if (first)
    words.push(`${signals.length} signals: ${shorten(signals.map(({ subject }) => subject))}`)
  return words
}

type OpenFinding = Incident['findings'][number]

function describeCheck(finding: OpenFinding, regionsTotal?: number): string {
  const [evidence] = finding.evidence
  const where = describeRegions(finding, regionsTotal)
  const confirmed = describeConfirmation(finding)
  return `${finding.subject} fails ${where}${confirmed}${evidence ? describeEvidence(evidence) : ''}`
}

function describeChecks(findings: readonly OpenFinding[], regionsTotal?: number): string {
  const names = shorten(findings.map(({ subject }) => subject))
  return `${findings.length} checks fail ${describeReach(findings, regionsTotal)}; first: ${names}`
}

/** Only the word: who said what is in the finding's reason. */
function describeConfirmation({ confirmation }: OpenFinding): string {
  if (confirmation?.verdict === 'confirmed_global') return ' (confirmed global)'
  return confirmation?.verdict === 'confirmed_regional' ? ' (confirmed regional)' : ''
}

function describeRegions(finding: OpenFinding, regionsTotal?: number): string {
  const count = finding.regions.length
  const total = Math.max(count, finding.regionsWatching || regionsTotal || 0)
  if (total === 1 && count === 1) return `in ${finding.regions[0]}, the only region that watches it`
  if (count === total) return `in ${count} of ${total} regions`
  return `in ${shorten(finding.regions)} (${count} of ${total} regions)`
}

function describeReach(findings: readonly OpenFinding[], regionsTotal?: number): string {
  const isEverywhere = findings.every(
    ({ regions, regionsWatching }) => regions.length >= (regionsWatching || regionsTotal || 1),
  )
  const regions = [...new Set(findings.flatMap((finding) => finding.regions))]
  if (isEverywhere && regions.length > 1) return 'in every region'
  return `in ${shorten(regions)}`
}

function describeEvidence({ step, message }: Evidence): string {
  const [firstLine = ''] = message.trim().split('\n')
  const shown =
    firstLine.length > MESSAGE_LENGTH_SHOWN
      ? `${firstLine.slice(0, MESSAGE_LENGTH_SHOWN - 1)}…`
      : firstLine
  return `${step === undefined ? '' : `, step "${step}"`}${shown === '' ? '' : `: ${shown}`}`
}

function shorten(names: readonly string[]): string {
  if (names.length <= NAMES_SHOWN_MAX + 1) return joinNames(names)
  return `${names.slice(0, NAMES_SHOWN_MAX).join(', ')} and ${names.length - NAMES_SHOWN_MAX} more`
}
