import { FAILURE_GROUPS_MAX, getFailures } from '../../../protocol/public-api.ts'
import { failingStep } from '../../../protocol/run.ts'
import { type FailureGroup, failureGroups } from '../../store/failures.ts'
import { defineRoute } from '../define-route.ts'
import { definedCheck, sinceInstant } from './latency.ts'

export const getFailuresRoute = defineRoute(getFailures, async ({ params, query }, parts) => {
  const check = definedCheck(parts, params.checkId)
  const since = Math.max(0, sinceInstant(query.since, parts.clock.now()))
  const groupsOf = async (ofProbes: boolean) => {
    const groups = await failureGroups(parts.store, {
      checkId: check.id,
      since,
      ofProbes,
      limit: FAILURE_GROUPS_MAX,
    })
    return groups.map(toAnswer)
  }
  return { since, failures: await groupsOf(false), probeFaults: await groupsOf(true) }
})

function toAnswer({ lastRun, ...group }: FailureGroup) {
  const step = failingStep(lastRun)
  const { diagnosis } = lastRun
  const layer = diagnosis?.layers[diagnosis.firstBroken ?? -1]?.layer
  const wish = lastRun.assertions.find(({ held, excluded }) => !held && excluded === undefined)
  return {
    ...group,
    verdict: lastRun.verdict,
    ...(lastRun.error && { errorType: lastRun.error.type }),
    ...(step && { step: step.name }),
    ...(layer && { layer }),
    lastRunId: lastRun.runId,
    message:
      lastRun.error?.message ??
      (wish ? `${wish.subject}: expected ${wish.expected}, got ${wish.actual}` : ''),
  }
}
