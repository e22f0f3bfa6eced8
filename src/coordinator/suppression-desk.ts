import { dependentsOf, neededServices } from '../base/dependency-graph.ts'
import type { AlertDecision } from '../domain/alerting/alert-decision.ts'
import { isServed } from '../domain/alerting/judge-conditions.ts'
import { covers, type Target } from '../domain/suppression/covers.ts'
import { openMaintenance } from '../domain/suppression/open-maintenance.ts'
import { type Dependency, suppress } from '../domain/suppression/suppress.ts'
import { troubledRegions } from '../domain/suppression/troubled-regions.ts'
import type { CheckDefinition } from '../protocol/check.ts'
import type { Silence, Suppression } from '../protocol/suppression.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { findAlerts, firingAlerts } from './store/alerts.ts'
import { saveSilence, silencesAt } from './store/silences.ts'
import type { Session } from './store/store.ts'

/** Loads what an alert may be suppressed by, and lets the domain decide. */

export const targetOf = (check: CheckDefinition, regions: readonly string[]): Target => ({
  checkId: check.id,
  serviceId: check.serviceId,
  regions,
})

/** Why an alert that fires is not told; undefined when it is. */
export async function suppressionOf(
  tx: Session,
  parts: CoordinatorParts,
  check: CheckDefinition,
  decision: Pick<AlertDecision, 'kind' | 'regions'>,
): Promise<Suppression | undefined> {
  const now = parts.clock.now()
  return suppress(targetOf(check, decision.regions), {
    maintenance: openMaintenance(parts.fleet.maintenance ?? [], now),
    silences: await silencesAt(tx, now),
    dependencies: await firingDependencies(tx, parts, check),
    troubledRegions: await regionsInTrouble(tx, parts, check, decision),
    now,
  })
}

async function firingDependencies(
  tx: Session,
  { fleet }: CoordinatorParts,
  check: CheckDefinition,
): Promise<Dependency[]> {
  const paths = neededServices(fleet.services, check.serviceId)
  if (paths.size === 0) return []
  const needed = fleet.checks.filter(({ serviceId }) => paths.has(serviceId))
  const firing = await firingAlerts(
    tx,
    needed.map(({ id }) => id),
  )
  return [...paths].flatMap(([serviceId, path]) =>
    needed
      .filter((candidate) => candidate.serviceId === serviceId)
      .flatMap((candidate) => {
        const alert = firing.get(candidate.id)
        // What is slow or odd still serves those who need it.
        if (!alert || isServed(alert.firedBy ?? [])) return []
        return {
          serviceId,
          path,
          checkName: candidate.name,
          regions: alert.implicated ?? alert.failing,
          isGlobal: alert.scope === 'global',
        }
      }),
  )
}

/**
 * The loop that watches regions knows of those in trouble a second later; an alert that just begins
 * must not be told before.
 */
async function regionsInTrouble(
  tx: Session,
  { troubledRegions: known }: CoordinatorParts,
  check: CheckDefinition,
  { kind, regions }: Pick<AlertDecision, 'kind' | 'regions'>,
): Promise<string[]> {
  if (kind !== 'fire' || regions.length !== 1 || check.regions.length < 2) return [...known]
  const alerts = await findAlerts(tx)
  return [...troubledRegions(alerts.values(), known).keys()]
}

/** Ends the silences that were to last until what they cover is resolved, when this was the last of it. */
export async function endResolvedSilences(
  tx: Session,
  { fleet, clock }: CoordinatorParts,
  resolved: CheckDefinition,
): Promise<Silence[]> {
  const now = clock.now()
  const ended: Silence[] = []
  for (const silence of await silencesAt(tx, now)) {
    if (!silence.untilResolved || !coversCheck(silence, resolved)) continue
    const others = fleet.checks.filter(
      (check) => check.id !== resolved.id && coversCheck(silence, check),
    )
    const firing = await firingAlerts(
      tx,
      others.map(({ id }) => id),
    )
    if (firing.size > 0) continue
    const over = { ...silence, endedAt: now, endedBy: 'resolved' }
    await saveSilence(tx, over)
    ended.push(over)
  }
  return ended
}

/** Whether a silence is about a check, in whichever of its regions. */
export const coversCheck = ({ scope }: Pick<Silence, 'scope'>, check: CheckDefinition): boolean =>
  check.regions.some((region) => covers(scope, targetOf(check, [region])))

/** Checks whose suppression may change when a service begins or ceases to fail. */
export const dependentChecks = (
  { fleet }: CoordinatorParts,
  serviceId: string,
): CheckDefinition[] => {
  const dependents = dependentsOf(fleet.services, serviceId)
  return dependents.length === 0
    ? []
    : fleet.checks.filter((check) => dependents.includes(check.serviceId))
}
