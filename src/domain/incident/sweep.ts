import type { CheckDefinition } from '../../protocol/check.ts'
import type { Fleet } from '../../protocol/config.ts'
import type { RegionId } from '../../protocol/ids.ts'
import type { Incident } from '../../protocol/incident.ts'
import type { Query } from '../../protocol/query.ts'
import type { Run } from '../../protocol/run.ts'
import {
  SWEPT_MAX,
  SWEPT_MESSAGE_MAX,
  type SweptCheck,
  type SweptRegion,
} from '../../protocol/sweep.ts'
import { BEGIN_WITHIN_MS } from '../alerting/confirm-failure.ts'
import { TRAVEL_MS } from '../alerting/detection-time.ts'
import { carryOut, type Decision, type Order, refuseState } from './commands/order.ts'
import { openFindings } from './moves.ts'
import { servicesOf } from './triage-card.ts'

/**
 * A sweep of an incident's signals: a person asks everything that its services can be asked, at once.
 *
 *     begun → swept    every query has answered or not in time, and so has every region of each check
 */

/** Nobody who decides in an incident waits for a run that takes longer. */
const CHECK_MS_MAX = 60_000

/** A check that was told to run now, in the regions that could be told. */
export type SweepingCheck = {
  checkId: string
  name: string
  /** The runs that come of it carry it. */
  commandId: string
  deadlineMs: number
  asked: RegionId[]
  unreachable: RegionId[]
}

export type SweepPlan = {
  queries: Query[]
  checks: SweepingCheck[]
  left: number
}

/** Decides what is asked: what fails first, then by tier; jobs that call by themselves cannot be run. */
export function planSweep(
  incident: Incident,
  fleet: Pick<Fleet, 'checks' | 'queries'>,
  { isListening, newId }: { isListening(regionId: RegionId): boolean; newId(): string },
): SweepPlan {
  const services = servicesOf(incident)
  const isOfService = ({ serviceId }: { serviceId: string }) => services.includes(serviceId)
  const failing = new Set(openFindings(incident).flatMap(({ checkId }) => checkId ?? []))
  const TIERS = ['core', 'standard', 'minor']
  const rank = ({ id, tier }: CheckDefinition) => (failing.has(id) ? 0 : 1 + TIERS.indexOf(tier))
  const checks = fleet.checks
    .filter((check) => isOfService(check) && check.kind !== 'heartbeat')
    .toSorted((a, b) => rank(a) - rank(b))
  const queries = (fleet.queries ?? []).filter(isOfService)
  return {
    queries: queries.slice(0, SWEPT_MAX),
    checks: checks.slice(0, SWEPT_MAX).map((check) => ({
      checkId: check.id,
      name: check.name,
      commandId: newId(),
      deadlineMs: deadlineOf(check),
      asked: check.regions.filter((region) => isListening(region)),
      unreachable: check.regions.filter((region) => !isListening(region)),
    })),
    left: Math.max(0, queries.length - SWEPT_MAX) + Math.max(0, checks.length - SWEPT_MAX),
  }
}

/** Time to begin, to run with every retry, and to be told of. */
const deadlineOf = ({ timeoutMs, retry }: CheckDefinition): number =>
  Math.min(CHECK_MS_MAX, BEGIN_WITHIN_MS + (1 + (retry?.times ?? 0)) * timeoutMs + TRAVEL_MS.worst)

/** A person begins a sweep of an incident that is not over for good. */
export function sweep(incident: Incident, order: Order, { queries, checks }: SweepPlan): Decision {
  return carryOut(incident, order, undefined, () => {
    const refused = refuseState(
      incident,
      ['triage', 'mitigating', 'verifying', 'restored'],
      'a sweep',
    )
    if (refused) return refused
    if (queries.length === 0 && checks.length === 0)
      return {
        code: 'incident.no_change',
        reason: 'no query and no check that a probe can run is defined for its services',
      }
    return [{ type: 'sweep_begun', queries: queries.length, checks: checks.length }]
  })
}

/**
 * What the regions of a check have said so far.
 *
 * @param runs those with the check's command, in any order.
 * @returns undefined while some are awaited.
 */
export function sweptCheck(
  { checkId, name, deadlineMs, asked, unreachable }: SweepingCheck,
  runs: readonly (Run & { receivedAt: number })[],
  { begunAt, now }: { begunAt: number; now: number },
): SweptCheck | undefined {
  const isOver = now >= begunAt + deadlineMs
  const answers = asked.map((regionId): SweptRegion => {
    const [run] = runs
      .filter((candidate) => candidate.regionId === regionId)
      .toSorted((a, b) => a.receivedAt - b.receivedAt)
    return run ? told(run, begunAt) : { kind: 'late', regionId }
  })
  if (!isOver && answers.some(({ kind }) => kind === 'late')) return undefined
  return {
    checkId,
    name,
    deadlineMs,
    regions: [
      ...answers,
      ...unreachable.map((regionId): SweptRegion => ({ kind: 'unreachable', regionId })),
    ],
  }
}

function told(run: Run & { receivedAt: number }, begunAt: number): SweptRegion {
  const [line = ''] = (run.error?.message ?? '').split('\n', 1)
  return {
    kind: 'run',
    regionId: run.regionId,
    runId: run.runId,
    verdict: run.verdict,
    afterMs: Math.max(0, run.receivedAt - begunAt),
    ...(line !== '' && { message: line.slice(0, SWEPT_MESSAGE_MAX) }),
  }
}
