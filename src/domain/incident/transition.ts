import { assert } from '../../base/assert.ts'
import { describeDuration } from '../../base/duration.ts'
import type { SeverityRule } from '../../protocol/config.ts'
import type {
  Actor,
  Evidence,
  Finding,
  Incident,
  IncidentEvent,
  KnownFinding,
} from '../../protocol/incident.ts'
import { canMove, isOpen, isOpenOn, openCount, openFindings } from './moves.ts'
import { type Draft, recordedAfter, SYSTEM, stampEvents } from './stamp-events.ts'
import { type Classified, isWorse, suggestSeverity } from './suggest-severity.ts'

/**
 * How an incident moves by itself, by what is found and what clears. Each function gives the events
 * that follow, none when nothing is new; the fold (`fold-incident.ts`) makes the incident's next form
 * of them. What people do is in `commands/`; the states are in `moves.ts`.
 */

/**
 * A service that fails again so soon after it was restored has the same trouble, not another; while it
 * is watched closer, for as long as it is.
 */
export const RECURRENCE_WINDOW_MS = 24 * 3_600_000

/** Most runs kept as evidence of one finding, the first of each region: more only repeats it. */
export const EVIDENCE_PER_FINDING_MAX = 5

/** Runs kept of one incident before further findings have one each: in an outage all look alike. */
export const EVIDENCE_IN_FULL_MAX = 100

/** Findings told in full; the rest is counted, and awaited all the same. */
export const FINDINGS_IN_FULL_MAX = 200

/** Findings counted beyond those. What comes after these is not on record. */
export const FINDINGS_COUNTED_MAX = 5_000

export type FindingReport = {
  finding: Finding
  /** Runs that show it. */
  evidence: readonly Evidence[]
  severityRules: readonly SeverityRule[]
  serviceId: string
  /** For an incident that has to be opened; from `titleFor`. */
  title: string
  now: number
  actor?: Actor
}

/** True when a finding of the service belongs to this incident instead of opening another. */
export function joinable(incident: Incident, now: number): boolean {
  if (isOpen(incident)) return true
  const { state, restoredAt, watch, watchedUntil } = incident
  if (state !== 'restored' || restoredAt === undefined) return false
  return now <= (watch?.until ?? watchedUntil ?? restoredAt + RECURRENCE_WINDOW_MS)
}

/**
 * Something is wrong, or still wrong. Opens an incident when there is none to join; else the finding
 * joins it, or becomes wider or narrower. The same report again gives no events.
 *
 * The incident must be {@link joinable}.
 */
export function reportFinding(
  incident: Incident | undefined,
  report: FindingReport,
): IncidentEvent[] {
  assert(!incident || joinable(incident, report.now), `findings join open incidents only`)
  const actor = report.actor ?? SYSTEM
  const finding =
    incident === undefined || incident.serviceId === report.serviceId
      ? report.finding
      : { ...report.finding, serviceId: report.serviceId }
  const suggested = suggestSeverity(
    report.severityRules,
    { ...finding, checkKind: report.evidence[0]?.checkKind ?? knownKind(incident, finding) },
    incident ? classified(openFindings(incident).filter(({ key }) => key !== finding.key)) : [],
    incident?.dataAtRisk?.isWeighed === true ? undefined : incident?.dataAtRisk,
  )
  const placed = placeFinding(incident, finding)
  const drafts: Draft[] = []

  if (!incident)
    drafts.push({
      type: 'opened',
      serviceId: report.serviceId,
      title: report.title,
      severity: suggested.severity,
      severityReason: suggested.reason,
    })
  else if (placed.length > 0) drafts.push(...comeBack(incident, finding))
  drafts.push(...placed, ...newEvidence(incident, placed, report))
  if (
    incident &&
    isWorse(suggested.severity, incident.severity) &&
    !isHeldByPerson(incident, finding)
  )
    drafts.push({
      type: 'severity_raised',
      from: incident.severity,
      to: suggested.severity,
      reason: suggested.reason,
      // One piece of news is told once.
      isNews: !placed.some((draft) => 'isNews' in draft && draft.isNews === true),
    })
  return stampEvents(incident, drafts, { now: report.now, actor })
}

/**
 * One finding is over. When it was the last, the incident has recovered and must stay clean for
 * `verifyForMs`; one that a person saw, and no finding shows, waits for a person's word.
 *
 * @param lastBadAt when the last run that showed it began, where runs show it.
 */
export function clearFinding(
  incident: Incident,
  key: string,
  reason: string,
  now: number,
  verifyForMs: number,
  lastBadAt?: number,
): IncidentEvent[] {
  if (!isOpenOn(incident, key)) return []

  const cleared = { type: 'finding_cleared' as const, key, reason }
  const drafts: Draft[] = [lastBadAt === undefined ? cleared : { ...cleared, lastBadAt }]
  if (openCount(incident) === 1 && incident.isByHand !== true && canMove(incident, 'verifying'))
    drafts.push(recovery(incident, now, verifyForMs))
  return stampEvents(incident, drafts, { now, actor: SYSTEM })
}

/** Every finding is clear: from here the incident must stay clean for `verifyForMs`. */
export const recovery = (incident: Incident, now: number, verifyForMs: number): Draft => ({
  type: 'recovered',
  reason: `every finding is clear; it must stay clean for ${describeDuration(verifyForMs)}`,
  verifyUntil: recordedAfter(incident, now) + verifyForMs,
})

/** Restores an incident that stayed clean for the whole time; gives nothing before that. */
export function completeVerification(incident: Incident, now: number): IncidentEvent[] {
  const { state, verifyUntil, recoveredAt } = incident
  if (state !== 'verifying' || verifyUntil === undefined || now < verifyUntil) return []
  if (openCount(incident) > 0) return []
  const cleanFor = describeDuration(verifyUntil - (recoveredAt ?? verifyUntil))
  return stampEvents(
    incident,
    [{ type: 'restored', reason: `every finding stayed clear for ${cleanFor}` }],
    { now, actor: SYSTEM },
  )
}

/** Findings with the kind of check that their evidence is of. */
export const classified = (findings: readonly KnownFinding[]): Classified[] =>
  findings.map((finding) => ({ ...finding, checkKind: finding.evidence[0]?.checkKind }))

const knownKind = (incident: Incident | undefined, { key }: Finding) =>
  incident?.findings.find((known) => known.key === key)?.evidence[0]?.checkKind

function comeBack(incident: Incident, finding: Finding): Draft[] {
  if (incident.state === 'verifying')
    return [{ type: 'relapsed', reason: `while it was being verified: ${reasonOf(finding)}` }]
  if (incident.state === 'restored')
    return [{ type: 'recurred', reason: `after it was restored: ${reasonOf(finding)}` }]
  return []
}

const reasonOf = (finding: Finding) => `${finding.subject} ${finding.reason}`

/** Where a report goes on the incident: as a finding of its own, as a change of one, or nowhere. */
function placeFinding(incident: Incident | undefined, finding: Finding): Draft[] {
  if (!incident) return [{ type: 'finding_joined', finding }]
  const known = incident.findings.find(({ key }) => key === finding.key)
  if (known && known.clearedAt === undefined) return changeOf(incident, known, finding)
  if (hasRoom(incident, finding.key))
    return [{ type: 'finding_joined', finding, isNews: reachesFurther(incident, finding) }]
  return countFinding(incident, finding)
}

function changeOf(incident: Incident, known: KnownFinding, finding: Finding): Draft[] {
  const isInMore = finding.regions.some((region) => !known.regions.includes(region))
  const isInFewer = known.regions.some((region) => !finding.regions.includes(region))
  const isGraver = known.kind === 'check_degraded' && finding.kind === 'check_failing'
  if (isInMore || isGraver || isWider(finding, known))
    return [
      { type: 'finding_widened', finding, isNews: isGraver || reachesFurther(incident, finding) },
    ]
  // From `regional` to `unknown` nothing became better or worse: others only stopped telling.
  if (isInFewer || (finding.scope === 'regional' && known.scope !== 'regional'))
    return [{ type: 'finding_narrowed', finding }]
  return []
}

/** A finding that is clear gives way to one that is not. */
const hasRoom = ({ findings }: Incident, key: string) =>
  findings.length < FINDINGS_IN_FULL_MAX ||
  findings.some((finding) => finding.key === key || finding.clearedAt !== undefined)

function countFinding({ countedFindings = [] }: Incident, { key, scope }: Finding): Draft[] {
  const counted = countedFindings.find((finding) => finding.key === key)
  if (counted ? !isWider({ scope }, counted) : countedFindings.length >= FINDINGS_COUNTED_MAX)
    return []
  return [{ type: 'finding_counted', finding: { key, scope } }]
}

type Reach = Pick<Finding, 'scope'>

const isWider = (now: Reach, before: Reach) => now.scope === 'global' && before.scope !== 'global'

/**
 * True when a finding reaches a region, a service or a scope that no finding of the incident ever
 * did. In an outage every check fails within seconds; only the first to get anywhere is news.
 */
export function reachesFurther(
  { findings, countedFindings = [], serviceId }: Incident,
  finding: Finding,
): boolean {
  const regions = new Set(findings.flatMap((known) => known.regions))
  const services = new Set(findings.map((known) => known.serviceId ?? serviceId))
  return (
    finding.regions.some((region) => !regions.has(region)) ||
    [...findings, ...countedFindings].every((known) => isWider(finding, known)) ||
    !services.has(finding.serviceId ?? serviceId)
  )
}

/** A person lowered the severity and knew of this: it does not raise it again by itself. */
function isHeldByPerson({ loweredKnowing = [] }: Incident, finding: Finding): boolean {
  const known = loweredKnowing.find(({ key }) => key === finding.key)
  if (!known || isWider(finding, known)) return false
  const { severity } = finding
  return severity === undefined || known.severity === undefined
    ? severity === undefined
    : !isWorse(severity, known.severity)
}

function newEvidence(
  incident: Incident | undefined,
  placed: readonly Draft[],
  { finding, evidence, now }: FindingReport,
): Draft[] {
  const known = incident?.findings.find(({ key }) => key === finding.key)
  const isOpenAlready = known !== undefined && known.clearedAt === undefined
  const isInFull = isOpenAlready || placed.some(({ type }) => type === 'finding_joined')
  if (!isInFull) return []

  const kept = isOpenAlready ? [...known.evidence] : []
  const others = (incident?.findings ?? []).flatMap((other) => other.evidence).length
  const limit = others < EVIDENCE_IN_FULL_MAX ? EVIDENCE_PER_FINDING_MAX : 1
  const drafts: Draft[] = []
  for (const item of evidence) {
    if (kept.length >= limit) break
    if (kept.some(({ regionId }) => regionId === item.regionId)) continue
    kept.push(item)
    const occurredAt = Math.min(now, item.startedAt)
    drafts.push({ type: 'evidence_added', key: finding.key, evidence: item, occurredAt })
  }
  return drafts
}
