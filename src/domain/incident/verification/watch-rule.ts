import { describeDuration } from '../../../base/duration.ts'
import type { AlertRule, SomeOf } from '../../../protocol/alert-rule.ts'

/**
 * The copy of a check's rule that holds while its service is watched closer: what a rule counts and how
 * long it waits is half as much, rounded up. How many regions must agree stays, because one region alone
 * proves no more today than yesterday. A limit of latency moves half of the way to what is usual: half
 * of the limit itself might be less than a healthy service needs.
 *
 * @param usualP95Ms of the check before the incident; undefined where nobody knows.
 */
export function tightenRule(
  rule: AlertRule,
  usualP95Ms: number | undefined,
): { rule: AlertRule; changes: string[] } {
  const changes: string[] = []
  const half = (count: number) => Math.ceil(count / 2)
  const said = (what: string, before: string, after: string) => {
    if (before !== after) changes.push(`${what} ${before} → ${after}`)
  }
  const someOf = <Rule extends SomeOf>(what: string, some: Rule): Rule => {
    const tight = { ...some, count: half(some.count) }
    said(what, `${some.count} of ${some.of}`, `${tight.count} of ${tight.of}`)
    return tight
  }

  const failuresToFire = half(rule.failuresToFire)
  said('failures in a row', String(rule.failuresToFire), String(failuresToFire))
  const tight: AlertRule = { ...rule, failuresToFire }
  if (rule.failures) tight.failures = someOf('failures', rule.failures)
  if (rule.degraded) tight.degraded = someOf('degraded runs', rule.degraded)
  if (rule.ratio) {
    tight.ratio = { ...rule.ratio, above: rule.ratio.above / 2, forMs: half(rule.ratio.forMs) }
    said('failing share', share(rule.ratio.above), share(tight.ratio.above))
    said('held for', describeDuration(rule.ratio.forMs), describeDuration(tight.ratio.forMs))
  }
  if (rule.latency) {
    const above = tightenLatency(rule.latency.above, usualP95Ms)
    tight.latency = { ...rule.latency, above, forMs: half(rule.latency.forMs) }
    said('latency', latencyWords(rule.latency.above), latencyWords(above))
    said(
      'latency held for',
      describeDuration(rule.latency.forMs),
      describeDuration(tight.latency.forMs),
    )
  }
  return { rule: tight, changes }
}

type Above = NonNullable<AlertRule['latency']>['above']

function tightenLatency(above: Above, usualMs: number | undefined): Above {
  if (above.kind === 'baseline') return { ...above, times: 1 + Math.max(0, above.times - 1) / 2 }
  if (usualMs === undefined || usualMs >= above.ms) return above
  return { ...above, ms: (usualMs + above.ms) / 2 }
}

const share = (value: number) => `${Number((value * 100).toFixed(2))} %`
const latencyWords = (above: Above) =>
  above.kind === 'limit'
    ? describeDuration(above.ms)
    : `${Number(above.times.toFixed(2))} times what is usual`
