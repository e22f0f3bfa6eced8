import type { Condition } from './condition.ts'
import { countVoices } from './count-voices.ts'

/** Regions that fail at the same time confirm each other. A silent region confirms nothing. */
export const regions: Condition = ({ rule, standings }) => {
  const failing = standings.filter((region) => region.now === 'failing')
  const passing = standings.filter((region) => region.now === 'passing')
  const ids = failing.map(({ regionId }) => regionId)
  const voices = countVoices(rule, ids)
  const noun = rule.networks ? 'independent networks' : 'regions'
  const said = `${voices} of ${countVoices(
    rule,
    standings.map(({ regionId }) => regionId),
  )} ${noun} ${voices === 1 ? 'fails' : 'fail'}; ${rule.regionsMin} must`
  if (failing.length > 0 && voices >= rule.regionsMin)
    return {
      name: 'regions',
      state: 'fires',
      reason: said,
      regions: ids,
      evidence: failing.flatMap(({ latest, regionId }) =>
        latest ? [{ ...latest, regionId }] : [],
      ),
      badSince: Math.min(
        ...failing.flatMap(({ firstFailure }) => (firstFailure ? [firstFailure.startedAt] : [])),
      ),
    }
  const isHealthy = failing.length === 0 && passing.length > 0
  return {
    name: 'regions',
    state: isHealthy ? 'healthy' : 'unproven',
    reason: failing.length + passing.length === 0 ? 'no fresh run from any region' : said,
    regions: [],
    evidence: [],
  }
}
