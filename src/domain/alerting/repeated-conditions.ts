import type { SomeOf } from '../../protocol/alert-rule.ts'
import type { AlertView, Condition, ConditionOutcome } from './condition.ts'
import { hasFailed, type Vote } from './judge-region.ts'
import type { RegionStanding } from './weigh-regions.ts'

/** Conditions that count runs of one region: so many of its last so many. In a row is `n` of `n`. */

/** The region failed so often in a row; the votes may be older than fresh, as long as none is missing. */
export const failuresToFire: Condition = (view) => {
  const { failuresToFire: count } = view.rule
  return countRepeated(view, 'failuresToFire', { count, of: count }, FAILED)
}

export const failures: Condition = (view) =>
  view.rule.failures && countRepeated(view, 'failures', view.rule.failures, FAILED)

/** A run that fails is at least as bad as one that is degraded. */
export const degraded: Condition = (view) =>
  view.rule.degraded && countRepeated(view, 'degraded', view.rule.degraded, DEGRADED)

type Badness = { is(vote: Vote): boolean; verb: string; verbs: string }

const FAILED: Badness = { is: hasFailed, verb: 'failed', verbs: 'failed' }
const DEGRADED: Badness = {
  is: ({ verdict }) => verdict !== 'passed',
  verb: 'was degraded or failed',
  verbs: 'were degraded or failed',
}

function countRepeated(
  { rule, standings }: AlertView,
  name: ConditionOutcome['name'],
  { count, of }: SomeOf,
  bad: Badness,
): ConditionOutcome {
  const regions = standings.map((standing) => ({ standing, bad: badAmong(standing, of, bad) }))
  const firing = regions.filter((region) => region.bad.length >= count)
  if (firing.length > 0)
    return {
      name,
      state: 'fires',
      reason: firing.map((region) => `${amount(region, of)} ${bad.verbs}`).join('; '),
      regions: firing.map(({ standing }) => standing.regionId),
      evidence: firing.flatMap(({ standing: { regionId }, bad: [newest] }) =>
        newest ? [{ ...newest, regionId }] : [],
      ),
      badSince: Math.min(...firing.flatMap((region) => region.bad.map((vote) => vote.startedAt))),
    }

  const telling = standings.filter(({ votes }) => votes.length > 0)
  const isProven = ({ votes }: RegionStanding) =>
    votes.length >= rule.passesToResolve &&
    !votes.slice(0, rule.passesToResolve).some((vote) => bad.is(vote))
  return {
    name,
    state: telling.length > 0 && telling.every(isProven) ? 'healthy' : 'unproven',
    reason: telling.length === 0 ? 'no fresh run from any region' : mostOf(regions, of, bad),
    regions: [],
    evidence: [],
  }
}

type Counted = { standing: RegionStanding; bad: Vote[] }

const badAmong = ({ votes }: RegionStanding, of: number, bad: Badness): Vote[] =>
  votes.slice(0, of).filter((vote) => bad.is(vote))

const amount = ({ standing, bad }: Counted, of: number) =>
  `${bad.length} of the last ${Math.min(of, standing.votes.length)} runs in ${standing.regionId}`

function mostOf(regions: readonly Counted[], of: number, bad: Badness): string {
  const [worst] = regions.toSorted((a, b) => b.bad.length - a.bad.length)
  if (!worst || worst.bad.length === 0) return `none of the last runs ${bad.verb}`
  return `only ${amount(worst, of)} ${worst.bad.length === 1 ? bad.verb : bad.verbs}`
}
