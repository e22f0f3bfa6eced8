import { canonicalHash } from '../definitions/canonical-hash.ts'
import { servicesOf } from '../domain/incident/triage-card.ts'
import {
  type GateCheck,
  type GateEvidence,
  judgeGate,
} from '../domain/incident/verification/judge-gate.ts'
import type { ServiceThroughput } from '../domain/incident/verification/judge-throughput.ts'
import { tightenRule } from '../domain/incident/verification/watch-rule.ts'
import { type CheckDefinition, isHeartbeat } from '../protocol/check.ts'
import type { Incident } from '../protocol/incident.ts'
import type { GateStatus, WatchedCheck } from '../protocol/verification.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { firingAlerts } from './store/alerts.ts'
import { countDueSlots, lastManualRun } from './store/gate-runs.ts'
import { bucketRuns } from './store/latency.ts'
import type { Session } from './store/store.ts'
import { findThroughput } from './store/throughputs.ts'

/** Loads what verification and watch decide by. */

/** Checks that one gate looks at: an outage of everything is not proven by reading everything. */
const CHECKS_MAX = 50

const HOUR_MS = 3_600_000

type Parts = Pick<CoordinatorParts, 'fleet' | 'clock' | 'usualRuns'>

/** The checks that showed the failure; where none did, all of its services. */
export function checksOfIncident(
  { fleet }: Pick<Parts, 'fleet'>,
  incident: Incident,
): CheckDefinition[] {
  const ids = new Set(incident.findings.flatMap(({ checkId }) => checkId ?? []))
  const services = servicesOf(incident)
  const named = fleet.checks.filter(({ id }) => ids.has(id))
  const found =
    named.length > 0 ? named : fleet.checks.filter(({ serviceId }) => services.includes(serviceId))
  return found.slice(0, CHECKS_MAX)
}

/** How the verification of an incident stands. */
export async function loadGate(
  session: Session,
  parts: Parts,
  incident: Incident,
): Promise<GateStatus> {
  return judgeGate(incident, await loadEvidence(session, parts, incident))
}

async function loadEvidence(
  session: Session,
  parts: Parts,
  incident: Incident,
): Promise<GateEvidence> {
  const { fleet, clock } = parts
  const now = clock.now()
  const since = incident.cleanSince ?? incident.recoveredAt ?? now
  const probed = checksOfIncident(parts, incident).filter((check) => !isHeartbeat(check))
  const checks: GateCheck[] = []
  for (const check of probed)
    checks.push({
      ...(await runsOf(session, check, since)),
      usual: await parts.usualRuns.before(session, check, incident.impactStartedAt),
    })
  const services = servicesOf(incident)
  const declared = fleet.services
    .filter(({ id }) => services.includes(id))
    .flatMap((service) => service.downstream ?? [])
  const downstream = fleet.checks.filter(({ id }) => declared.includes(id))
  const firing = await firingAlerts(
    session,
    downstream.map(({ id }) => id),
  )
  const whole = wholeWays(fleet.checks, services, probed)
  const last = await lastManualRun(
    session,
    whole.map(({ id }) => id),
    incident.recoveredAt ?? since,
  )
  return {
    checks,
    throughput: await throughputOf(session, parts, { services, since }),
    slots: await countDueSlots(
      session,
      probed.map(({ id }) => id),
      since,
    ),
    downstream: await Promise.all(
      downstream.map(async (check) => ({
        ...(await runsOf(session, check, since)),
        isFiring: firing.has(check.id),
      })),
    ),
    manual: {
      checks: whole.map(({ id, name }) => ({ checkId: id, name })),
      ...(last && {
        last: {
          name: whole.find(({ id }) => id === last.checkId)?.name ?? last.checkId,
          passed: last.passed,
          failed: last.failed,
        },
      }),
    },
  }
}

/** Readings from `since` on, and only of the query that is declared now. */
async function throughputOf(
  session: Session,
  { fleet, clock }: Parts,
  { services, since }: { services: readonly string[]; since: number },
): Promise<ServiceThroughput[]> {
  const found: ServiceThroughput[] = []
  for (const { id, throughput } of fleet.services) {
    const query = fleet.queries?.find((one) => one.id === throughput?.queryId)
    if (!throughput || !query || !services.includes(id)) continue
    const known = (await findThroughput(session, id))?.state
    const state = known?.definition === canonicalHash(query) ? known : undefined
    // The loop asks again at every turn of the hour; what it knows of another hour says nothing.
    const isThisHour = (state?.lastWeek?.hourAt ?? 0) + 2 * HOUR_MS > clock.now()
    found.push({
      ...{ serviceId: id, name: query.name },
      shareMin: throughput.shareMin,
      isRequired: throughput.isRequired,
      readings: (state?.readings ?? [])
        .filter(({ at }) => at >= since)
        .map(({ reading }) => reading),
      lastWeek: isThisHour ? (state?.lastWeek?.readings ?? []) : [],
    })
  }
  return found
}

/** The checks that go the whole way as a customer does; where there is no journey, those that failed. */
function wholeWays(
  all: readonly CheckDefinition[],
  services: readonly string[],
  probed: readonly CheckDefinition[],
): readonly CheckDefinition[] {
  const journeys = all.filter(
    ({ kind, serviceId }) => kind === 'journey' && services.includes(serviceId),
  )
  const failed = journeys.filter(({ id }) => probed.some((check) => check.id === id))
  if (failed.length > 0) return failed
  return journeys.length > 0 ? journeys : probed
}

/** Slots from `since` on: a run of one before it may have begun while it still failed. */
async function runsOf(session: Session, check: CheckDefinition, since: number) {
  const buckets = await bucketRuns(session, {
    checkId: check.id,
    regionIds: check.regions,
    since,
    until: Number.MAX_SAFE_INTEGER,
  })
  return {
    checkId: check.id,
    name: check.name,
    runs: buckets.reduce((sum, { runs }) => sum + runs, 0),
    failed: buckets.reduce((sum, { failed }) => sum + failed, 0),
    failedIn: buckets.filter(({ failed }) => failed > 0).map(({ regionId }) => regionId),
    servedMs: buckets.flatMap(({ durationsMs }) => durationsMs),
  }
}

/** The checks whose rules fired, with the tighter copies by which they are watched from now on. */
export async function watchedChecks(
  session: Session,
  parts: Parts,
  incident: Incident,
): Promise<WatchedCheck[]> {
  const watched: WatchedCheck[] = []
  for (const check of checksOfIncident(parts, incident)) {
    const usual = isHeartbeat(check)
      ? undefined
      : await parts.usualRuns.before(session, check, incident.impactStartedAt)
    watched.push({
      ...{ checkId: check.id, name: check.name },
      ...tightenRule(check.alert, usual?.p95Ms),
    })
  }
  return watched
}
