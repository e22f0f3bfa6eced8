import { assert } from '../../base/assert.ts'
import { describeDuration } from '../../base/duration.ts'
import type { SeverityRule } from '../../protocol/config.ts'
import {
  type Actor,
  type Evidence,
  type Finding,
  type Incident,
  type IncidentEvent,
  type IncidentState,
  OPEN_STATES,
} from '../../protocol/incident.ts'
import { isWorse, suggestSeverity } from './suggest-severity.ts'

/**
 * How an incident moves. Commands here give the events that follow from them, none when nothing is
 * new; the fold (`fold-incident.ts`) makes the incident's next form of them. Nobody else may move it.
 *
 * - `triage`: confirmed, not declared by a person yet. Entered when the incident opens.
 * - `mitigating`: the impact goes on. Entered when a person declares it, and whenever it fails again.
 * - `verifying`: every finding is clear; it must stay so for a time. Any finding ends it.
 * - `restored`: it stayed clear. Within {@link RECURRENCE_WINDOW_MS} a finding brings it back.
 * - `resolved`: a person says that the cause is fixed. `closed`: its review is done.
 * - `declined`, `merged`, `cancelled`: no incident, part of another, a drill that was stopped. Ends.
 *
 * Moves outside {@link ALLOWED_MOVES} do not exist; no state is skipped.
 */
export const ALLOWED_MOVES: { readonly [From in IncidentState]: readonly IncidentState[] } = {
  triage: ['mitigating', 'verifying', 'declined', 'merged', 'cancelled'],
  mitigating: ['verifying', 'merged', 'cancelled'],
  verifying: ['mitigating', 'restored'],
  restored: ['mitigating', 'resolved'],
  resolved: ['mitigating', 'closed'],
  closed: [],
  declined: [],
  merged: [],
  cancelled: [],
}

/** A service that fails again so soon after it was restored has the same trouble, not another. */
export const RECURRENCE_WINDOW_MS = 24 * 3_600_000

/** Most runs kept as evidence of one finding, the first of each region: more only repeats it. */
export const EVIDENCE_PER_FINDING_MAX = 5

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
  const restoredAt = incident.state === 'restored' ? incident.restoredAt : undefined
  return restoredAt !== undefined && now - restoredAt <= RECURRENCE_WINDOW_MS
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
  const known = incident?.findings.find(({ key }) => key === report.finding.key)
  const suggested = suggestSeverity(report.severityRules, report.finding)
  const drafts: Draft[] = []

  if (!incident)
    drafts.push({
      type: 'opened',
      serviceId: report.serviceId,
      title: report.title,
      severity: suggested.severity,
      severityReason: suggested.reason,
    })
  else drafts.push(...comeBack(incident, report.finding))
  drafts.push(...placeFinding(known, report.finding))
  drafts.push(...newEvidence(known, report))
  if (incident && isWorse(suggested.severity, incident.severity))
    drafts.push({
      type: 'severity_raised',
      from: incident.severity,
      to: suggested.severity,
      reason: suggested.reason,
    })
  return stamp(incident, drafts, report.now, actor)
}

/**
 * One finding is over. When it was the last, the incident has recovered and must stay clean for
 * `verifyForMs`.
 */
export function clearFinding(
  incident: Incident,
  key: string,
  reason: string,
  now: number,
  verifyForMs: number,
): IncidentEvent[] {
  const open = openFindings(incident)
  if (!open.some((finding) => finding.key === key)) return []

  const drafts: Draft[] = [{ type: 'finding_cleared', key, reason }]
  if (open.length === 1 && ALLOWED_MOVES[incident.state].includes('verifying'))
    drafts.push({
      type: 'recovered',
      reason: `every finding is clear; it must stay clean for ${describeDuration(verifyForMs)}`,
      verifyUntil: recordedAfter(incident, now) + verifyForMs,
    })
  return stamp(incident, drafts, now, SYSTEM)
}

/** Restores an incident that stayed clean for the whole time; gives nothing before that. */
export function completeVerification(incident: Incident, now: number): IncidentEvent[] {
  const { state, verifyUntil, recoveredAt } = incident
  if (state !== 'verifying' || verifyUntil === undefined || now < verifyUntil) return []
  if (openFindings(incident).length > 0) return []
  const cleanFor = describeDuration(verifyUntil - (recoveredAt ?? verifyUntil))
  return stamp(
    incident,
    [{ type: 'restored', reason: `every finding stayed clear for ${cleanFor}` }],
    now,
    SYSTEM,
  )
}

/** The findings that are not clear. */
export const openFindings = (incident: Pick<Incident, 'findings'>) =>
  incident.findings.filter((finding) => finding.clearedAt === undefined)

const SYSTEM: Actor = { kind: 'system' }

const isOpen = ({ state }: Incident) => (OPEN_STATES as readonly IncidentState[]).includes(state)

type Unstamped<Event> = Event extends unknown
  ? Omit<Event, 'sequence' | 'occurredAt' | 'recordedAt' | 'actor'> & { occurredAt?: number }
  : never
type Draft = Unstamped<IncidentEvent>

function comeBack(incident: Incident, finding: Finding): Draft[] {
  if (incident.state === 'verifying')
    return [{ type: 'relapsed', reason: `while it was being verified: ${reasonOf(finding)}` }]
  if (incident.state === 'restored')
    return [{ type: 'recurred', reason: `after it was restored: ${reasonOf(finding)}` }]
  return []
}

const reasonOf = (finding: Finding) => `${finding.subject} ${finding.reason}`

function placeFinding(known: Incident['findings'][number] | undefined, finding: Finding): Draft[] {
  if (!known || known.clearedAt !== undefined) return [{ type: 'finding_joined', finding }]
  const isInMore = finding.regions.some((region) => !known.regions.includes(region))
  const isInFewer = known.regions.some((region) => !finding.regions.includes(region))
  const isGraver = known.kind === 'check_degraded' && finding.kind === 'check_failing'
  if (isInMore || isGraver || (finding.scope === 'global' && known.scope !== 'global'))
    return [{ type: 'finding_widened', finding }]
  // From `regional` to `unknown` nothing became better or worse: others only stopped telling.
  if (isInFewer || (finding.scope === 'regional' && known.scope !== 'regional'))
    return [{ type: 'finding_narrowed', finding }]
  return []
}

function newEvidence(
  known: Incident['findings'][number] | undefined,
  { finding, evidence, now }: FindingReport,
): Draft[] {
  const kept = known && known.clearedAt === undefined ? [...known.evidence] : []
  const drafts: Draft[] = []
  for (const item of evidence) {
    if (kept.length >= EVIDENCE_PER_FINDING_MAX) break
    if (kept.some(({ regionId }) => regionId === item.regionId)) continue
    kept.push(item)
    const occurredAt = Math.min(now, item.startedAt)
    drafts.push({ type: 'evidence_added', key: finding.key, evidence: item, occurredAt })
  }
  return drafts
}

/** A clock that was set back must not make the record run backwards. */
const recordedAfter = (incident: Incident | undefined, now: number) =>
  Math.max(now, incident?.updatedAt ?? now)

function stamp(
  incident: Incident | undefined,
  drafts: readonly Draft[],
  now: number,
  actor: Actor,
): IncidentEvent[] {
  const recordedAt = recordedAfter(incident, now)
  const first = (incident?.lastSequence ?? 0) + 1
  return drafts.map(
    (draft, index) =>
      ({
        occurredAt: recordedAt,
        ...draft,
        sequence: first + index,
        recordedAt,
        actor,
      }) as IncidentEvent,
  )
}
