import { describeDuration } from '../../../base/duration.ts'
import type { Incident } from '../../../protocol/incident.ts'
import type {
  GateCondition,
  GateItem,
  GateStatus,
  GateTick,
} from '../../../protocol/verification.ts'
import { joinNames } from '../../join-names.ts'
import { percentile } from '../../measurement/percentile.ts'
import { openCount } from '../moves.ts'
import { judgeThroughput, type ServiceThroughput } from './judge-throughput.ts'
import { isGrave } from './verify-for.ts'

/** Runs below which a latency or a share of missing runs says nothing. */
export const GATE_SAMPLES_MIN = 10

/** Share of a check's slots that may end without a run. */
export const MISSING_SHARE_MAX = 0.1

/** The band around what was usual: so many times as long, or so much longer, whichever is more. */
export const LATENCY_BAND_TIMES = 1.5
export const LATENCY_BAND_MS = 100

const P95 = 0.95

/** What the runs of a check say since the incident is clean, and what was usual before it. */
export type GateCheck = {
  checkId: string
  name: string
  runs: number
  failed: number
  failedIn: readonly string[]
  /** Of the runs that did not fail and whose times are the target's, in no order. */
  servedMs: readonly number[]
  usual: { runs: number; failed: number; p95Ms?: number }
}

export type GateEvidence = {
  checks: readonly GateCheck[]
  /** Slots of those checks whose time is over. */
  slots: { ended: number; missed: number }
  /** What the service declares to depend on it. */
  downstream: readonly (Pick<GateCheck, 'checkId' | 'name' | 'runs' | 'failed' | 'failedIn'> & {
    isFiring: boolean
  })[]
  /** What its services declare as their throughput. */
  throughput: readonly ServiceThroughput[]
  manual: {
    /** The checks that go the whole way; one of them is enough. */
    checks: readonly { checkId: string; name: string }[]
    /** What came of the last run by hand since the recovery. */
    last?: { name: string; passed: number; failed: number }
  }
}

/**
 * Says of each condition whether it holds. An incident that verifies is restored when its time is over
 * and nothing waits; what is broken makes the time begin anew.
 *
 * What people have to do is asked only of grave incidents that somebody declared: of one that healed by
 * itself before anybody came nobody would do it. Data that somebody fears for is always looked at.
 */
export function judgeGate(incident: Incident, evidence: GateEvidence): GateStatus {
  const isLed = isGrave(incident.severity) && incident.declared !== undefined
  return {
    cleanSince: incident.cleanSince ?? incident.recoveredAt ?? incident.updatedAt,
    verifyUntil: incident.verifyUntil ?? incident.updatedAt,
    conditions: [
      judgeFindings(incident),
      judgeErrors(evidence.checks),
      judgeLatency(evidence.checks),
      judgeThroughput(evidence.throughput),
      judgeMissing(evidence.slots),
      judgeDownstream(evidence.downstream),
      judgeManualRun(evidence.manual, isLed),
      judgeItem('reconciliation', incident.gateTicks, isLed || incident.dataAtRisk !== undefined),
      judgeItem('communication', incident.gateTicks, isLed),
    ],
    manualChecks: evidence.manual.checks.map(({ checkId, name }) => ({ checkId, name })),
  }
}

/** What makes the time begin anew; the first of several. */
export const brokenCondition = ({ conditions }: GateStatus): GateCondition | undefined =>
  conditions.find(({ state }) => state === 'broken')

/** What keeps it from being restored besides the time. */
export const unmetConditions = ({ conditions }: GateStatus): GateCondition[] =>
  conditions.filter(({ state }) => state === 'waiting' || state === 'broken')

function judgeFindings(incident: Incident): GateCondition {
  const name = 'findings'
  const open = openCount(incident)
  if (open > 0) return { name, state: 'waiting', reason: `${counted(open, 'finding')} still open` }
  return { name, state: 'met', reason: 'every finding is clear' }
}

function judgeErrors(checks: readonly GateCheck[]): GateCondition {
  const name = 'errors'
  if (checks.length === 0)
    return { name, state: 'unknown', reason: 'no check of ours watches what failed' }
  for (const check of checks) {
    const { failed, runs, usual } = check
    const usualShare = usual.runs === 0 ? 0 : usual.failed / usual.runs
    if (failed <= Math.floor(usualShare * runs)) continue
    const before =
      usual.runs === 0
        ? 'nobody knows how many did before'
        : usual.failed === 0
          ? `none of ${usual.runs} did before the incident`
          : `${percent(usualShare)} did before the incident`
    return {
      name,
      state: 'broken',
      reason: `${failed} of ${counted(runs, 'run')} of ${check.name} failed in ${joinNames(check.failedIn)}; ${before}`,
    }
  }
  const runs = sum(checks.map((check) => check.runs))
  if (runs === 0) return { name, state: 'waiting', reason: 'no run came in yet' }
  const failed = sum(checks.map((check) => check.failed))
  return {
    name,
    state: 'met',
    reason:
      failed === 0
        ? `none of ${counted(runs, 'run')} failed`
        : `${failed} of ${counted(runs, 'run')} failed, as usual`,
  }
}

function judgeLatency(checks: readonly GateCheck[]): GateCondition {
  const name = 'latency'
  const known = checks.flatMap((check) => {
    const usualMs = check.usual.p95Ms
    if (usualMs === undefined) return []
    const p95Ms =
      check.servedMs.length < GATE_SAMPLES_MIN
        ? undefined
        : percentile(
            check.servedMs.toSorted((a, b) => a - b),
            P95,
          )
    const limitMs = Math.max(usualMs * LATENCY_BAND_TIMES, usualMs + LATENCY_BAND_MS)
    return [{ check, usualMs, p95Ms, limitMs }]
  })
  if (known.length === 0)
    return { name, state: 'unknown', reason: 'nobody knows how long it took before' }
  const words = ({ check, usualMs, p95Ms = 0 }: (typeof known)[number]) =>
    `the 95th percentile of ${check.name} is ${describeDuration(p95Ms)}, usually ${describeDuration(usualMs)}`
  const slow = known.find(({ p95Ms, limitMs }) => p95Ms !== undefined && p95Ms > limitMs)
  if (slow)
    return {
      name,
      state: 'broken',
      reason: `${words(slow)}; at most ${describeDuration(slow.limitMs)} is in its band`,
    }
  const measured = known.filter(({ p95Ms }) => p95Ms !== undefined)
  const [slowest] = measured.toSorted(
    (a, b) => (b.p95Ms ?? 0) / b.limitMs - (a.p95Ms ?? 0) / a.limitMs,
  )
  if (!slowest) return { name, state: 'unknown', reason: 'too few runs to say yet' }
  return { name, state: 'met', reason: words(slowest) }
}

function judgeMissing({ ended, missed }: GateEvidence['slots']): GateCondition {
  const name = 'missing'
  const all = ended + missed
  if (all < GATE_SAMPLES_MIN)
    return { name, state: 'unknown', reason: `${counted(all, 'run')} due yet, too few to say` }
  const words = `${missed} of ${all} runs that were due are missing`
  if (missed / all <= MISSING_SHARE_MAX) return { name, state: 'met', reason: words }
  return {
    name,
    state: 'broken',
    reason: `${words} (${percent(missed / all)}); at most ${percent(MISSING_SHARE_MAX)} may be`,
  }
}

function judgeDownstream(downstream: GateEvidence['downstream']): GateCondition {
  const name = 'downstream'
  if (downstream.length === 0)
    return { name, state: 'not_needed', reason: 'the service declares none' }
  const failing = downstream.find(({ failed }) => failed > 0)
  if (failing)
    return {
      name,
      state: 'broken',
      reason: `${failing.failed} of ${counted(failing.runs, 'run')} of ${failing.name} failed in ${joinNames(failing.failedIn)}`,
    }
  const firing = downstream.filter(({ isFiring }) => isFiring).map((check) => check.name)
  if (firing.length > 0)
    return { name, state: 'waiting', reason: `${joinNames(firing)} not proven healthy yet` }
  return {
    name,
    state: 'met',
    reason: `${joinNames(downstream.map((check) => check.name))} ${downstream.length === 1 ? 'is' : 'are'} green`,
  }
}

function judgeManualRun({ checks, last }: GateEvidence['manual'], isLed: boolean): GateCondition {
  const name = 'manual_run'
  if (!isLed || checks.length === 0)
    return {
      name,
      state: 'not_needed',
      reason: isLed ? 'no check can be run by hand' : 'asked of grave incidents that are declared',
    }
  if (!last)
    return {
      name,
      state: 'waiting',
      reason: `run ${joinOr(checks.map((check) => check.name))} by hand once`,
    }
  const regions = counted(last.passed + last.failed, 'region')
  if (last.failed > 0)
    return {
      name,
      state: 'waiting',
      reason: `run by hand, ${last.name} failed in ${last.failed} of ${regions}; run it again`,
    }
  return { name, state: 'met', reason: `run by hand, ${last.name} passed in ${regions}` }
}

const ASKS: { readonly [I in GateItem]: string } = {
  reconciliation: 'look for data that was left half done, such as orders charged and not placed',
  communication: 'tell those who were told that it is over',
}

function judgeItem(
  item: GateItem,
  ticks: readonly GateTick[] | undefined,
  isLed: boolean,
): GateCondition {
  const tick = ticks?.find((candidate) => candidate.item === item)
  if (tick) {
    const note = tick.note === undefined ? '' : `: ${tick.note}`
    return {
      name: item,
      state: 'met',
      reason:
        tick.outcome === 'done'
          ? `done by ${tick.by}${note}`
          : `left for later, ${tick.owner ?? tick.by} does it${note}`,
    }
  }
  if (!isLed)
    return {
      name: item,
      state: 'not_needed',
      reason: 'asked of grave incidents that are declared',
    }
  return { name: item, state: 'waiting', reason: ASKS[item] }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
const percent = (share: number) => `${Number((share * 100).toFixed(1))} %`
const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
const joinOr = (names: readonly string[]) =>
  names.length <= 1 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
