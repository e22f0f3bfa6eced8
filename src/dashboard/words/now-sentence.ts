import type { CheckOverview, IncidentSummary, Now } from '../../protocol/public-api.ts'
import { count, joinSome } from './quantity.ts'
import { passesEverywhere, standingOf } from './region-standing.ts'

/** The page "Now" in words, before anything else: what is open, and how far the checks pass. */
export function nowSentence(now: Pick<Now, 'incidents' | 'services' | 'newestRunAt'>): string {
  return `${incidentsSentence(now.incidents)} ${checksSentence(now)}`
}

function incidentsSentence(incidents: readonly IncidentSummary[]): string {
  const [first] = incidents
  if (!first) return 'No incident is open.'
  if (incidents.length === 1) return `One incident is open: ${first.title}.`
  const worst = incidents.map((incident) => incident.severity).toSorted()[0]
  return `${incidents.length} incidents are open, the worst is ${worst}.`
}

function checksSentence(now: Pick<Now, 'services' | 'newestRunAt'>): string {
  const checks = now.services.flatMap((service) => service.checks)
  if (checks.length === 0) return 'No check is defined.'
  if (now.newestRunAt === undefined) return 'No check has run yet.'
  const passing = checks.filter(passesEverywhere)
  const verb = passing.length === 1 && checks.length === 1 ? 'passes' : 'pass'
  const sentence = `${passing.length} of ${count(checks.length, 'check')} ${verb} in every region`
  const rest = [failingWords(checks), unknownWords(checks)].filter((part) => part !== '')
  return [sentence, ...rest].join('; ').concat('.')
}

const stands = (check: CheckOverview, standing: string) =>
  check.regions.some(({ regionId }) => standingOf(check, regionId) === standing)

function failingWords(checks: readonly CheckOverview[]): string {
  const failing = checks.filter((check) => stands(check, 'failed'))
  return failing.length === 0
    ? ''
    : `${joinSome(failing.map((check) => check.name))} ${failing.length === 1 ? 'fails' : 'fail'}`
}

function unknownWords(checks: readonly CheckOverview[]): string {
  const unknown = checks.filter((check) => stands(check, 'unknown') && !stands(check, 'failed'))
  return unknown.length === 0
    ? ''
    : `${count(unknown.length, 'check')} ${unknown.length === 1 ? 'lacks' : 'lack'} a fresh run somewhere`
}
