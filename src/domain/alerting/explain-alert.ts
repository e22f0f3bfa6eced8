import type { AlertRule } from '../../protocol/alert-rule.ts'
import type { RegionId } from '../../protocol/ids.ts'
import { joinNames } from '../join-names.ts'
import { countVoices } from './count-voices.ts'
import type { RegionStanding } from './weigh-regions.ts'

/** The reasons of an alert, in words for people. Only words: nothing is decided here. */

type Standings = readonly RegionStanding[]

/** Why an alert fires, or goes on firing while a region fails. */
export function explainFailure(rule: AlertRule, standings: Standings): string {
  const failing = standings.filter((region) => region.now === 'failing')
  const repeated = failing.filter((region) => region.standing === 'failing')
  const others = tail(standings)
  if (countVoices(rule, idsOf(failing)) >= Math.max(2, rule.regionsMin))
    return `failed in ${failing.length} of ${standings.length} regions (${idsOf(failing).join(', ')}), which confirm each other${others}`

  const once = failing.filter((region) => region.standing !== 'failing')
  const counts = repeated.map((region) => `${times(region.failuresInRow)} in ${region.regionId}`)
  const words = once.length > 0 ? [...counts, `in ${joinNames(idsOf(once))}`] : counts
  return `failed ${joinNames(words)}${others}`
}

/** Why an alert waits although a region fails. */
export function explainPending(rule: AlertRule, standings: Standings): string {
  const failing = standings.filter((region) => region.now === 'failing')
  const words = failing.map((region) =>
    region.failuresInRow === 1
      ? `one failure in ${region.regionId} is not confirmed yet`
      : `${region.failuresInRow} failures in a row in ${region.regionId} are not confirmed yet`,
  )
  const isOneNetwork = failing.length > 1 && countVoices(rule, idsOf(failing)) === 1
  const network = isOneNetwork ? '; they share one network, which counts once' : ''
  return `${words.join('; ')}${network}${tail(standings)}`
}

/** Why an alert is quiet. */
export function explainQuiet(standings: Standings): string {
  const passing = standings.filter((region) => region.now === 'passing')
  if (passing.length === 0) return 'no fresh run from any region'
  return `passes in ${joinNames(idsOf(passing))}${silence(standings)}`
}

/** Why an alert ends. */
export function explainProof(rule: AlertRule, standings: Standings): string {
  const healthy = standings.filter((region) => region.standing === 'healthy')
  const words = rule.passesToResolve === 1 ? 'passes' : `passed ${times(rule.passesToResolve)}`
  return `${words} in ${joinNames(idsOf(healthy))}${silence(standings)}`
}

/** What is still missing before a firing alert may end, when no region fails. */
export function explainMissingProof(
  rule: AlertRule,
  standings: Standings,
  implicated: readonly RegionId[],
): string {
  const missing: string[] = []
  for (const region of standings) {
    if (region.standing === 'healthy') continue
    if (region.now === 'passing')
      missing.push(
        `${region.regionId} passes again, ${region.passesInRow} of ${rule.passesToResolve} times in a row`,
      )
    else if (implicated.includes(region.regionId))
      missing.push(
        `${region.regionId} failed and has no fresh run since: silence is no proof of health`,
      )
  }
  if (missing.length > 0) return missing.join('; ')
  const proven = standings.filter((region) => region.standing === 'healthy')
  return `too few regions prove that it is healthy: ${joinNames(idsOf(proven)) || 'none'}${silence(standings)}`
}

function tail(standings: Standings): string {
  if (standings.length === 1) return ', the only region of the check'
  const passing = standings.filter((region) => region.now === 'passing')
  const isAlone = passing.length === 0 && standings.filter(isFailing).length === 1
  if (isAlone) return '; no other region has a fresh run'
  const passes = passing.length > 0 ? `, passes in ${joinNames(idsOf(passing))}` : ''
  return `${passes}${silence(standings)}`
}

function silence(standings: Standings): string {
  const unknown = standings.filter((region) => region.now === 'unknown')
  return unknown.length > 0 ? `; no fresh run from ${joinNames(idsOf(unknown))}` : ''
}

const isFailing = (region: RegionStanding) => region.now === 'failing'
const idsOf = (standings: Standings) => standings.map((region) => region.regionId)
const times = (count: number) => (count === 1 ? 'once' : `${count} times in a row`)
