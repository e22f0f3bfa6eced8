import { formatDuration } from '../../base/duration.ts'
import type { AlertRule } from '../../protocol/alert-rule.ts'
import type { WrittenAlertRule } from '../../protocol/written-alert.ts'

/** A rule as people write it, so that nothing of it is left to what is usual. */
export function writtenRule(rule: AlertRule): WrittenAlertRule {
  const { failures, ratio, latency, degraded, noData, flapping, severity } = rule
  return {
    regionsMin: rule.regionsMin,
    failuresToFire: rule.failuresToFire,
    passesToResolve: rule.passesToResolve,
    ...(rule.networks && { independent: true }),
    ...(failures && { failures }),
    ...(ratio && { ratio: { above: percent(ratio.above), ...windowOf(ratio) } }),
    ...(latency && {
      latency: {
        above:
          latency.above.kind === 'limit'
            ? formatDuration(latency.above.ms)
            : `${latency.above.times}x baseline`,
        percentile: `p${Number((latency.percentile * 100).toPrecision(6))}`,
        ...windowOf(latency),
      },
    }),
    ...(degraded && { degraded }),
    ...(noData && {
      noData: { after: formatDuration(noData.afterMs), severity: noData.severity },
    }),
    flapping: flapping
      ? {
          changes: flapping.changes,
          within: formatDuration(flapping.withinMs),
          quietFor: formatDuration(flapping.quietForMs),
        }
      : 'never',
    ...(severity && { severity }),
  }
}

/** Without the digits that dividing by a hundred and back leaves behind. */
const percent = (share: number) => `${Number((share * 100).toPrecision(6))}%`

const windowOf = ({
  withinMs,
  forMs,
  samplesMin,
  severity,
}: Omit<NonNullable<AlertRule['ratio']>, 'above'>) => ({
  within: formatDuration(withinMs),
  ...(forMs > 0 && { for: formatDuration(forMs) }),
  samplesMin,
  ...(severity && { severity }),
})

/** What a form shows of a rule: text, empty where the rule has no such condition. */
export const RULE_FIELDS = [
  { name: 'regionsMin', label: 'Regions that fail at once' },
  { name: 'failuresToFire', label: 'Failures in a row in one region' },
  { name: 'passesToResolve', label: 'Passes in a row that prove health' },
  { name: 'failures.count', label: 'Failures …' },
  { name: 'failures.of', label: '… of the last runs of a region' },
  { name: 'ratio.above', label: 'Share of failed runs above', example: '5%' },
  { name: 'ratio.within', label: '… within', example: '10m' },
  { name: 'ratio.for', label: '… for', example: '3m' },
  { name: 'latency.above', label: 'Latency above', example: '2s, or 5x baseline' },
  { name: 'latency.percentile', label: '… as', example: 'p95' },
  { name: 'latency.within', label: '… within', example: '10m' },
  { name: 'latency.for', label: '… for', example: '5m' },
  { name: 'degraded.count', label: 'Degraded …' },
  { name: 'degraded.of', label: '… of the last runs of a region' },
] as const
export type RuleField = (typeof RULE_FIELDS)[number]['name']
export type RuleText = Partial<Record<RuleField, string>>

type Tree = Record<string, unknown>

/** What the form's fields are at first. */
export function fieldsOf(rule: WrittenAlertRule): RuleText {
  const fields: RuleText = {}
  for (const { name } of RULE_FIELDS) {
    const [first = '', second] = name.split('.')
    const outer = (rule as Tree)[first]
    const value = second === undefined ? outer : isTree(outer) ? outer[second] : undefined
    if (value !== undefined) fields[name] = String(value)
  }
  return fields
}

/** The conditions of a rule that have fields; one whose fields are all empty is not in the rule. */
const CONDITIONS = ['failures', 'ratio', 'latency', 'degraded'] as const

/**
 * The rule that the fields propose; what has no field stays as it is. What is typed wrongly goes as it
 * is to the coordinator, which says what it expected.
 */
export function proposedRule(before: WrittenAlertRule, fields: RuleText): Tree {
  const rule: Tree = { ...before }
  for (const condition of CONDITIONS) {
    const names = RULE_FIELDS.map(({ name }) => name).filter((name) =>
      name.startsWith(`${condition}.`),
    )
    const typed = names.filter((name) => (fields[name] ?? '').trim() !== '')
    delete rule[condition]
    if (typed.length === 0) continue
    const known = (before as Tree)[condition]
    const others = isTree(known)
      ? Object.entries(known).filter(([key]) => !names.some((name) => name.endsWith(`.${key}`)))
      : []
    rule[condition] = Object.fromEntries([
      ...typed.map((name) => [name.slice(condition.length + 1), typedValue(fields[name] ?? '')]),
      ...others,
    ])
  }
  for (const name of ['regionsMin', 'failuresToFire', 'passesToResolve'] as const) {
    const text = (fields[name] ?? '').trim()
    if (text === '') delete rule[name]
    else rule[name] = typedValue(text)
  }
  return rule
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

const typedValue = (text: string): string | number =>
  /^\d+$/.test(text.trim()) ? Number(text.trim()) : text.trim()

/** The rule as it stands in a file of checks. It must be one that the coordinator took. */
export function ruleYaml(rule: Tree): string {
  const lines = Object.entries(rule).map(([key, value]) => `  ${key}: ${flow(value)}`)
  return ['alert:', ...lines].join('\n')
}

const flow = (value: unknown): string =>
  isTree(value)
    ? `{ ${Object.entries(value)
        .map(([key, inner]) => `${key}: ${flow(inner)}`)
        .join(', ')} }`
    : String(value)
