import type { Finding, Incident } from '../../protocol/incident.ts'
import { isOpen, isOpenOn, isSetAside } from './moves.ts'
import { isWorse } from './suggest-severity.ts'
import { joinable } from './transition.ts'

/** What becomes of a finding that is reported for a service. */
export type Placement =
  | { kind: 'join'; incident: Incident }
  | { kind: 'open' }
  /** People set it aside, and it is what they knew. */
  | { kind: 'set_aside'; incident: Incident }

/**
 * Decides which of a service's incidents a finding belongs to, newest first: the one that it is open
 * on; one that people set aside while it failed as it does; an open one that knew it; an open one that
 * was not split off another; any open one; one that was restored a short time ago. Else it opens one.
 */
export function placeReport(
  incidents: readonly Incident[],
  finding: Finding,
  now: number,
): Placement {
  const open = incidents.filter(isOpen)
  const owner = open.find((incident) => isOpenOn(incident, finding.key))
  if (owner) return { kind: 'join', incident: owner }

  const aside = incidents.find(
    (incident) => isSetAside(incident) && isOpenOn(incident, finding.key),
  )
  if (aside && !isMoreThanKnown(aside, finding)) return { kind: 'set_aside', incident: aside }

  const next =
    open.find(({ findings }) => findings.some(({ key }) => key === finding.key)) ??
    open.find(({ splitFrom }) => splitFrom === undefined) ??
    open[0] ??
    incidents.find((incident) => joinable(incident, now))
  return next ? { kind: 'join', incident: next } : { kind: 'open' }
}

/** It fails in more regions, in a wider scope or more severely than when it was set aside. */
function isMoreThanKnown({ findings, countedFindings = [] }: Incident, finding: Finding): boolean {
  const counted = countedFindings.find(({ key }) => key === finding.key)
  const known = findings.find(({ key }) => key === finding.key)
  const scope = (known ?? counted)?.scope
  if (finding.scope === 'global' && scope !== 'global') return true
  if (!known) return false
  return (
    finding.regions.some((region) => !known.regions.includes(region)) ||
    (finding.severity !== undefined &&
      (known.severity === undefined || isWorse(finding.severity, known.severity)))
  )
}
