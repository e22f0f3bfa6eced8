import type { AlertRule, ConditionName } from '../../protocol/alert-rule.ts'
import type { Severity } from '../../protocol/severity.ts'
import type { AlertView, Condition, ConditionOutcome } from './condition.ts'
import { regions } from './quorum-condition.ts'
import { degraded, failures, failuresToFire } from './repeated-conditions.ts'
import { latency, ratio } from './windowed-conditions.ts'

/** Every condition there is, in the order in which they are told. */
const CONDITIONS: { readonly [N in ConditionName]: Condition } = {
  regions,
  failuresToFire,
  failures,
  ratio,
  latency,
  degraded,
}

/** What each condition of the rule says of the votes. */
export const judgeConditions = (view: AlertView): ConditionOutcome[] =>
  Object.values(CONDITIONS).flatMap((condition) => condition(view) ?? [])

/** Slow or odd, but served: what fired is no failure. */
const SOFT: readonly ConditionName[] = ['latency', 'degraded']

/** True when everything that fired says that the target still serves. */
export const isServed = (firedBy: readonly ConditionName[]): boolean =>
  firedBy.length > 0 && firedBy.every((name) => SOFT.includes(name))

/** The worst severity that is stated for what fired; undefined when rules must decide on a part of it. */
export function statedSeverity(
  rule: AlertRule,
  firedBy: readonly ConditionName[],
): Severity | undefined {
  const stated = firedBy.map((name) => severityOf(rule, name))
  return stated.every((severity) => severity !== undefined) ? stated.sort()[0] : undefined
}

function severityOf(rule: AlertRule, name: ConditionName): Severity | undefined {
  if (name === 'latency') return rule.latency?.severity
  if (name === 'degraded') return rule.degraded?.severity
  if (name === 'ratio') return rule.ratio?.severity ?? rule.severity
  return rule.severity
}
