import type { Fleet } from '../../protocol/config.ts'
import type { Incident } from '../../protocol/incident.ts'
import type { IncidentTimes } from '../../protocol/incident-times.ts'

/** What a service earns, as its owner states it in services.yaml. */
type Earning = Pick<Fleet['services'][number], 'id' | 'name' | 'revenuePerMinute'>

export type RevenueLost = {
  serviceId: string
  name: string
  /** `about EUR 8,050` */
  amount: string
  /** How it is reckoned, with where the rate is from. */
  because: string
  /** Both in a sentence, for the card of an incident. */
  words: string
}

/** Digits of an estimate that mean anything. */
const DIGITS = 3
/** A share so high is everything: the run that was under way when it began may still have passed. */
const ALL_SHARE_MIN = 0.995
const MINUTE_MS = 60_000

/** The checks that say how much of a service fails: those of it that were found failing. */
export const revenueCheckIds = ({ findings, serviceId }: Incident, service: string): string[] => [
  ...new Set(
    findings
      .filter((finding) => (finding.serviceId ?? serviceId) === service)
      .flatMap(({ kind, checkId }) =>
        kind === 'check_failing' && checkId !== undefined ? [checkId] : [],
      ),
  ),
]

/** For how long an incident did harm, and between which instants, as far as that is known. */
export type ImpactSpan = { since: number; until: number; lastedMs: number; isOver: boolean }

/** As the times of the incident have it, once it is restored; until then as long as it goes on. */
export function impactSpan(
  { impactStartedAt: since, recoveredAt }: Pick<Incident, 'impactStartedAt' | 'recoveredAt'>,
  { instants, durations }: Pick<IncidentTimes, 'instants' | 'durations'>,
  now: number,
): ImpactSpan {
  const ended = instants.mitigated.value
  const until = Math.max(since, ended ?? recoveredAt ?? now)
  const lastedMs = (ended === null ? null : durations.impact.value) ?? until - since
  return { since, until, lastedMs, isOver: ended !== null || recoveredAt !== undefined }
}

/**
 * What a service has probably not earned because of an incident: the minutes of its impact at the rate that
 * services.yaml states, times the share of the runs that failed meanwhile. Undefined where no rate is stated
 * and where the impact is not measured: slow is not lost, and what only people or signals say has no share.
 *
 * @param runs conclusive runs of {@link revenueCheckIds} within the span.
 */
export function revenueLost(
  { lastedMs, isOver }: Pick<ImpactSpan, 'lastedMs' | 'isOver'>,
  { id, name, revenuePerMinute }: Earning,
  runs: { failed: number; runs: number },
): RevenueLost | undefined {
  const minutes = Math.round(lastedMs / MINUTE_MS)
  if (!revenuePerMinute || minutes < 1 || runs.failed === 0) return undefined
  const { currency, amount: rate } = revenuePerMinute
  const share = runs.failed / runs.runs
  const isAll = share >= ALL_SHARE_MIN
  const lost = Number((minutes * rate * (isAll ? 1 : share)).toPrecision(DIGITS))
  const amount = `about ${currency} ${number(lost)}`
  const scaled = isAll
    ? ''
    : `, times the ${percent(share)} of its failing checks' runs that failed (${number(runs.failed)} of ${number(runs.runs)})`
  const because = `${number(minutes)} min at ${currency} ${number(rate)} a minute (services.yaml)${scaled}`
  return {
    serviceId: id,
    name,
    amount,
    because,
    words: `${amount}${isOver ? '' : ' so far'}: ${because}`,
  }
}

const number = (value: number) => new Intl.NumberFormat('en').format(value)

/** Never 0 %, since something failed, and never 100 %, since not everything did. */
const percent = (share: number) => `${Math.min(99, Math.max(1, Math.round(100 * share)))} %`
