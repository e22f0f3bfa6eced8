import type { Finding, IncidentState } from '../../protocol/incident.ts'
import { joinNames } from './quantity.ts'

/** What each state of an incident means, for people who see it for the first time at night. */
export const STATE_WORDS: { readonly [S in IncidentState]: { word: string; meaning: string } } = {
  triage: { word: 'triage', meaning: 'confirmed, nobody has declared it yet' },
  mitigating: { word: 'mitigating', meaning: 'the impact goes on' },
  verifying: { word: 'verifying', meaning: 'all is clear; it must stay so for a while' },
  restored: { word: 'restored', meaning: 'it stayed clear; the service is watched' },
  resolved: { word: 'resolved', meaning: 'the cause is fixed' },
  closed: { word: 'closed', meaning: 'its review is done' },
  declined: { word: 'declined', meaning: 'it was no incident' },
  merged: { word: 'merged', meaning: 'it is part of another incident' },
  cancelled: { word: 'cancelled', meaning: 'it was stood down: it needs nobody any more' },
}

/** The way that an incident goes, in order. */
export const PHASES = [
  'triage',
  'mitigating',
  'verifying',
  'restored',
  'resolved',
] as const satisfies readonly IncidentState[]

/** Which phase a state stands at; undefined for the ends that leave the way. */
export function phaseIndex(state: IncidentState): number | undefined {
  if (state === 'closed') return PHASES.length - 1
  const index = (PHASES as readonly IncidentState[]).indexOf(state)
  return index < 0 ? undefined : index
}

/** True while something may still be wrong: in triage, mitigating or verifying. */
export const isOpenState = (state: IncidentState): boolean => {
  const index = phaseIndex(state)
  return index !== undefined && index < PHASES.indexOf('restored')
}

/** Where a finding shows: `in eu-west and us-east (2 of 3 regions)`, `in 3 of 3 regions`. */
export function findingReach(finding: Pick<Finding, 'regions' | 'regionsWatching'>): string {
  const { regions, regionsWatching } = finding
  const total = Math.max(regions.length, regionsWatching)
  if (total === 1) return `in ${joinNames(regions)}, the only region that watches it`
  if (regions.length === total) return `in ${total} of ${total} regions`
  return `in ${joinNames(regions)} (${regions.length} of ${total} regions)`
}

/** What is wrong, without the reason: `checkout-stop fails in 3 of 3 regions`. */
export function findingSentence(
  finding: Pick<Finding, 'kind' | 'subject' | 'regions' | 'regionsWatching' | 'source'>,
): string {
  switch (finding.kind) {
    case 'check_failing':
      return `${finding.subject} fails ${findingReach(finding)}`
    case 'check_degraded':
      return `${finding.subject} is degraded ${findingReach(finding)}`
    case 'no_data':
      return `nothing is known of ${finding.subject}`
    case 'region_silent':
      return `region ${finding.subject} is silent`
    case 'region_failing':
      return `region ${finding.subject} is in trouble`
    case 'signal':
      return finding.source === undefined
        ? finding.subject
        : `${finding.source.name}: ${finding.subject}`
    case 'objective_burning':
      return `${finding.subject} burns its error budget`
  }
}
