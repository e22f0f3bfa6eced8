import type { Severity, SeverityRule } from '../../protocol/config.ts'
import type { Finding } from '../../protocol/incident.ts'

/** Taken when no rule matches: loud enough to be seen, and the reason tells that a rule is missing. */
const SEVERITY_WITHOUT_RULE: Severity = 'SEV-2'

/**
 * Decides how severe a finding is: the first rule that matches wins. The reason quotes the rule's
 * sentence and the facts that made it match.
 */
export function suggestSeverity(
  rules: readonly SeverityRule[],
  finding: Pick<Finding, 'kind' | 'tier' | 'scope'>,
): { severity: Severity; reason: string } {
  const rule = rules.find(({ when }) => matches(when, finding))
  const facts = describeFacts(finding)
  if (!rule)
    return {
      severity: SEVERITY_WITHOUT_RULE,
      reason: `No severity rule matches this finding (${facts}).`,
    }
  return { severity: rule.severity, reason: `${rule.because.replace(/\.$/, '')} (${facts}).` }
}

/** True when `a` is more severe than `b`. */
export const isWorse = (a: Severity, b: Severity): boolean => rankOf(a) < rankOf(b)

/** The digit in the name: SEV-1 is the worst. */
const rankOf = (severity: Severity) => Number(severity.slice('SEV-'.length))

function matches(
  when: SeverityRule['when'],
  { kind, tier, scope }: Pick<Finding, 'kind' | 'tier' | 'scope'>,
): boolean {
  return (
    (when.finding ?? kind) === kind &&
    (when.tier ?? tier) === tier &&
    (when.scope ?? scope) === scope
  )
}

function describeFacts({ kind, tier, scope }: Pick<Finding, 'kind' | 'tier' | 'scope'>): string {
  if (kind === 'region_silent') return 'a region is silent'
  const how = {
    global: 'globally',
    regional: 'in some regions only',
    unknown: 'where no other region can tell',
  }
  return `a ${tier} check fails ${how[scope]}`
}
