import type { CheckKind } from '../../protocol/check.ts'
import type { Severity, SeverityRule } from '../../protocol/config.ts'
import type { DataAtRisk, Finding } from '../../protocol/incident.ts'
import { layerOf } from '../../protocol/layer-of.ts'
import { joinNames } from '../join-names.ts'

/** Taken when no rule matches: loud enough to be seen, and the reason tells that a rule is missing. */
const SEVERITY_WITHOUT_RULE: Severity = 'SEV-2'

export type Classified = Pick<
  Finding,
  'kind' | 'layer' | 'tier' | 'scope' | 'severity' | 'source' | 'subject'
> & {
  /** Of the check, where the finding is of one. */
  checkKind?: CheckKind | undefined
}

/** What a rule asks of a single finding. */
type Facts = Omit<SeverityRule['when'], 'together' | 'dataAtRisk'>

/**
 * Decides how severe a finding is: the first rule that matches wins. The reason quotes the rule's
 * sentence and the facts that made it match.
 *
 * @param beside what else is open on the same incident.
 * @param dataAtRisk what somebody fears for, where the incident has that flag.
 */
export function suggestSeverity(
  rules: readonly SeverityRule[],
  finding: Classified,
  beside: readonly Classified[] = [],
  dataAtRisk?: DataAtRisk,
): { severity: Severity; reason: string } {
  const rule = rules.find(
    ({ when }) =>
      matches(when, finding) &&
      (when.dataAtRisk === undefined || dataAtRisk !== undefined) &&
      isMeantFor(when, finding) &&
      (when.together === undefined || partners(when.together, finding, beside) !== undefined),
  )
  const others = rule?.when.together && partners(rule.when.together, finding, beside)
  const facts = [
    describeFacts(finding),
    ...(others ? [`together with ${joinNames(others.map(({ subject }) => subject))}`] : []),
    ...(rule?.when.dataAtRisk && dataAtRisk ? [fearOf(dataAtRisk)] : []),
  ].join(', ')
  if (!rule && finding.severity !== undefined)
    return { severity: finding.severity, reason: statedReason(finding) }
  if (!rule)
    return {
      severity: SEVERITY_WITHOUT_RULE,
      reason: `No severity rule matches this finding (${facts}).`,
    }
  return { severity: rule.severity, reason: `${rule.because.replace(/\.$/, '')} (${facts}).` }
}

/**
 * How severe the flag makes an incident, at the moment at which somebody raises it: by the first rule that
 * names it and whose other conditions hold for one of the open findings. Where it has none beside the tier,
 * the tier is that of any open finding or of the service, so that it holds before anything is found, too.
 * Undefined where no rule says so; the rules that do not name it have had their say.
 */
export function suggestForData(
  rules: readonly SeverityRule[],
  dataAtRisk: Pick<DataAtRisk, 'what' | 'by'>,
  open: readonly Classified[],
  serviceTier: Classified['tier'] | undefined,
): { severity: Severity; reason: string } | undefined {
  const rule = rules.find(({ when }) => {
    const { dataAtRisk: isNamed, tier, ...others } = when
    if (isNamed === undefined) return false
    const isOfTierAlone = Object.values(others).every((condition) => condition === undefined)
    if (isOfTierAlone && (tier === undefined || tier === serviceTier)) return true
    return open.some(
      (finding, index) =>
        matches(when, finding) &&
        (when.together === undefined ||
          partners(when.together, finding, open.toSpliced(index, 1)) !== undefined),
    )
  })
  return (
    rule && {
      severity: rule.severity,
      reason: `${rule.because.replace(/\.$/, '')} (${fearOf(dataAtRisk)}).`,
    }
  )
}

const fearOf = ({ by, what }: Pick<DataAtRisk, 'what' | 'by'>) =>
  `${by} fears for data: ${what.replace(/\.$/, '')}`

/** True when `a` is more severe than `b`. */
export const isWorse = (a: Severity, b: Severity): boolean => rankOf(a) < rankOf(b)

/** The digit in the name: SEV-1 is the worst. */
const rankOf = (severity: Severity) => Number(severity.slice('SEV-'.length))

function matches(
  when: Facts,
  finding: Pick<Classified, 'kind' | 'layer' | 'tier' | 'scope' | 'checkKind'>,
): boolean {
  const { kind, tier, scope, checkKind } = finding
  const layer = layerOf(finding)
  return (
    (when.finding ?? kind) === kind &&
    (when.layer ?? layer) === layer &&
    (when.kind ?? checkKind) === checkKind &&
    (when.tier ?? tier) === tier &&
    (when.scope ?? scope) === scope
  )
}

/**
 * The other findings that make a rule of several true, each another one; undefined where it is not. The
 * finding itself is one of them: what it has no part in is no reason for its severity.
 */
function partners(
  wanted: readonly Facts[],
  finding: Classified,
  beside: readonly Classified[],
): Classified[] | undefined {
  for (const [index, own] of wanted.entries()) {
    const found = matches(own, finding) && eachByAnother(wanted.toSpliced(index, 1), beside)
    if (found) return found
  }
  return undefined
}

function eachByAnother(
  [first, ...rest]: readonly Facts[],
  findings: readonly Classified[],
): Classified[] | undefined {
  if (first === undefined) return []
  for (const [index, finding] of findings.entries()) {
    const others = matches(first, finding) && eachByAnother(rest, findings.toSpliced(index, 1))
    if (others) return [finding, ...others]
  }
  return undefined
}

/**
 * Whoever raised a signal knows more of it than a rule about checks in general does: where it states
 * a severity, only a rule that names its kind, its layer, what else fails or that data is at risk goes
 * before that.
 */
const isMeantFor = (when: SeverityRule['when'], { severity }: Pick<Finding, 'severity'>) =>
  severity === undefined ||
  when.finding !== undefined ||
  when.layer !== undefined ||
  when.together !== undefined ||
  when.dataAtRisk !== undefined

function statedReason(finding: Pick<Finding, 'kind' | 'source' | 'subject'>): string {
  if (finding.kind === 'objective_burning')
    return `The error budget of ${finding.subject} burns so fast that somebody must look now.`
  if (finding.kind === 'region_failing')
    return `Most checks fail in ${finding.subject} alone, none of them of a core function.`
  return `${capitalized(saidBy(finding))} says so.`
}

function saidBy({ kind, source, subject }: Pick<Finding, 'kind' | 'source' | 'subject'>): string {
  if (source !== undefined) return `${source.name} (${subject})`
  const isOfRule = kind === 'check_failing' || kind === 'check_degraded' || kind === 'no_data'
  return isOfRule ? `the alert rule of ${subject}` : subject
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function describeFacts(finding: Classified): string {
  const { kind, tier, scope } = finding
  if (kind === 'region_silent') return 'a region is silent'
  if (kind === 'region_failing') return 'most checks fail in one region alone'
  if (kind === 'no_data') return `nothing is known of a ${tier} check`
  if (kind === 'objective_burning') return `an objective of a ${tier} service burns its budget`
  if (kind === 'signal') return `${saidBy(finding)} about a ${tier} service`
  const how = {
    global: 'globally',
    regional: 'in some regions only',
    unknown: 'where no other region can tell',
  }
  return `a ${tier} check ${kind === 'check_degraded' ? 'is degraded' : 'fails'} ${how[scope]}`
}
