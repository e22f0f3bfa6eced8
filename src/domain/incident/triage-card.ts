import type { CheckDefinition } from '../../protocol/check.ts'
import type { Fleet } from '../../protocol/config.ts'
import type { Layer } from '../../protocol/finding-kind.ts'
import type { Incident, KnownFinding } from '../../protocol/incident.ts'
import { layerOf } from '../../protocol/layer-of.ts'
import { layerOfQuery } from '../../protocol/query.ts'
import type { Run } from '../../protocol/run.ts'
import type { Change, UserReport } from '../../protocol/signal.ts'
import {
  AFFECTED_SHOWN_MAX,
  type ImpactNumber,
  RATIO_WINDOW_MS,
  TABLES_SHOWN_MAX,
  type TriageCard,
} from '../../protocol/triage-card.ts'
import type { Reading } from '../signal/judge-reading.ts'
import { segmentWords } from '../signal/reading-table.ts'
import { isAcknowledged } from './commands/acknowledge.ts'
import { commonSegment } from './common-segment.ts'
import { toolboxOf } from './mitigation/toolbox.ts'
import { isOpen, openFindings } from './moves.ts'
import { pointsTo } from './points-to.ts'
import type { RevenueLost } from './revenue-lost.ts'
import { type PastIncident, similarIncidents } from './similar-incidents.ts'
import { timeInSeverity } from './time-in-severity.ts'
import { whatChanged } from './what-changed.ts'

export type TriageInput = {
  incident: Incident
  fleet: Pick<
    Fleet,
    | 'services'
    | 'checks'
    | 'objectives'
    | 'signalSources'
    | 'vendors'
    | 'queries'
    | 'changeSecret'
    | 'regions'
  >
  now: number
  /** Conclusive runs of {@link affectedCheckIds} within {@link RATIO_WINDOW_MS}. */
  recentRuns: { failed: number; runs: number } | undefined
  /** Runs of {@link evidenceRunIds}, as far as they are still stored. */
  evidenceRuns: readonly Run[]
  /** The last run of each of {@link heartbeatIds}, as far as there is one. */
  heartbeatRuns: readonly Pick<Run, 'checkId' | 'startedAt' | 'verdict'>[]
  /** What queries answered last, by their ids. */
  readings: ReadonlyMap<string, { at: number; reading: Reading }>
  /** Of each of its services that says what it earns. */
  revenue?: readonly RevenueLost[]
  /** Newest first. */
  past: readonly PastIncident[]
  /** What `changesAskedFor` asks for, newest first. */
  changes: readonly Change[]
  /** Of the affected services, since it began: how many, and the last ones. */
  reports: { count: number; latest: readonly UserReport[] }
}

/** Runs looked at for the first broken layer: in an outage the first ones say what all say. */
const EVIDENCE_RUNS_MAX = 20

const TIERS = ['core', 'standard', 'minor'] as const

/** Answers the three questions of the first minute: how bad, what is affected, who is needed. */
export function triageCard(input: TriageInput): TriageCard {
  const { incident, fleet, past } = input
  const services = servicesOf(incident)
  const changes = whatChanged(services, fleet, input.changes)
  const similar = similarIncidents(incident, past)
  const toolbox = toolboxOf(
    past
      .map(({ incident: other }) => other)
      .filter(({ id }) => similar.some((one) => one.incidentId === id)),
  )
  const links = services.flatMap(
    (id) => fleet.services.find((service) => service.id === id)?.links ?? [],
  )
  const isOfThese = ({ serviceId }: { serviceId: string }) => services.includes(serviceId)
  const pointers = pointsTo({
    ...input,
    checks: fleet.checks.filter(isOfThese),
    queries: (fleet.queries ?? []).filter(isOfThese),
  })
  return {
    ...(pointers.length > 0 && { pointsTo: pointers }),
    howBad: howBad(input),
    affected: affected(input, services),
    needed: {
      ...(links.length > 0 && { links }),
      owners: fleet.services
        .filter(({ id, owner }) => services.includes(id) && owner !== undefined)
        .map(({ id, name, owner }) => ({ serviceId: id, name, owner: owner ?? '' })),
      ...(incident.acknowledged && {
        acknowledged: {
          by: incident.acknowledged.by,
          at: incident.acknowledged.at,
          isCurrent: isAcknowledged(incident),
        },
      }),
    },
    corroboration: corroborate(incident, layersWatching(fleet, services)),
    ...(changes && { changes }),
    ...(input.reports.count > 0 && {
      reports: {
        count: input.reports.count,
        latest: input.reports.latest.map(({ at, text, by }) => ({
          ...{ at, text },
          ...(by !== undefined && { by }),
        })),
      },
    }),
    similar,
    ...(toolbox.length > 0 && { toolbox }),
  }
}

/** The checks that fail; those of an incident that is over are none. */
export const affectedCheckIds = (incident: Incident): string[] => [
  ...new Set(openFindings(incident).flatMap(({ checkId }) => checkId ?? [])),
]

/** The first runs that show what is wrong, the most important finding's first. */
export const evidenceRunIds = (incident: Incident): string[] =>
  shownFindings(incident)
    .flatMap(({ evidence }) => evidence.map(({ runId }) => runId))
    .slice(0, EVIDENCE_RUNS_MAX)

/** Heartbeats looked at: each is a query. */
const HEARTBEATS_MAX = 10

/** The jobs inside the affected services, which say whether these live; none once it is over. */
export const heartbeatIds = (
  incident: Incident,
  checks: readonly Pick<CheckDefinition, 'id' | 'kind' | 'serviceId'>[],
): string[] =>
  isOpen(incident)
    ? checks
        .filter(({ kind }) => kind === 'heartbeat')
        .filter(({ serviceId }) => servicesOf(incident).includes(serviceId))
        .slice(0, HEARTBEATS_MAX)
        .map(({ id }) => id)
    : []

/** The services that are affected, its own first. */
export const servicesOf = ({ serviceId, findings }: Incident): string[] => [
  ...new Set([serviceId, ...findings.flatMap((finding) => finding.serviceId ?? [])]),
]

/** What is open; where nothing is, what was. The most important first, then the earliest. */
function shownFindings(incident: Incident): KnownFinding[] {
  const open = openFindings(incident)
  return (open.length > 0 ? open : [...incident.findings]).toSorted(
    (a, b) => TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) || a.since - b.since,
  )
}

function howBad({ incident, now, recentRuns }: TriageInput): TriageCard['howBad'] {
  const all = incident.findings.flatMap(({ evidence }) => evidence)
  const [first] = all.toSorted((a, b) => a.startedAt - b.startedAt)
  return {
    severity: incident.severity,
    sentence: incident.severityReason,
    ...(recentRuns &&
      isOpen(incident) && { failing: { windowMs: RATIO_WINDOW_MS, ...recentRuns } }),
    since: incident.impactStartedAt,
    ...(first && {
      firstEvidence: {
        runId: first.runId,
        checkName: first.checkName ?? first.checkId,
        regionId: first.regionId,
      },
    }),
    timeInSeverity: timeInSeverity(incident, now),
  }
}

function affected(input: TriageInput, services: readonly string[]): TriageCard['affected'] {
  const { incident, fleet } = input
  const checks = shownFindings(incident).filter(({ checkId }) => checkId !== undefined)
  const watching = fleet.checks.filter(({ serviceId }) => services.includes(serviceId))
  const failing = new Set([
    ...openFindings(incident).map(({ key }) => key),
    ...(incident.countedFindings ?? []).map(({ key }) => key),
  ])
  const broken = firstBroken(input)
  const users = impactNumber(input, services, 'users')
  const share = impactNumber(input, services, 'share')
  const segment = commonSegment(incident, fleet.regions)
  const revenue = (input.revenue ?? []).map(({ serviceId, name, words }) => ({
    ...{ serviceId, name, words },
  }))
  const tables = tablesOf(input, services)
  return {
    scope: incident.scope,
    services: services.map((id) => ({
      serviceId: id,
      name: fleet.services.find((service) => service.id === id)?.name ?? id,
    })),
    checks: checks.slice(0, AFFECTED_SHOWN_MAX).map((finding) => affectedCheck(finding, watching)),
    more: Math.max(0, checks.length - AFFECTED_SHOWN_MAX) + (incident.countedFindings?.length ?? 0),
    checksFailing: watching.filter(({ id }) => failing.has(`check:${id}`)).length,
    checksWatching: watching.length,
    regions: [...new Set(shownFindings(incident).flatMap(({ regions }) => regions))],
    ...(users && { users }),
    ...(share && { share }),
    ...(revenue.length > 0 && { revenue }),
    ...(segment !== undefined && { segment }),
    ...(tables.length > 0 && { tables }),
    ...(broken && { firstBroken: broken }),
  }
}

/** The first query that says so, of the incident's own service before the others'. */
function impactNumber(
  { fleet: { queries = [] }, readings }: TriageInput,
  services: readonly string[],
  impact: 'users' | 'share',
): ImpactNumber | undefined {
  const [query] = queries
    .filter((candidate) => candidate.impact === impact && services.includes(candidate.serviceId))
    .toSorted((a, b) => services.indexOf(a.serviceId) - services.indexOf(b.serviceId))
  if (!query) return undefined
  const last = readings.get(query.id)
  return {
    queryId: query.id,
    source: query.kind,
    means: query.means ?? query.name,
    ...(last && { asked: { at: last.at, answer: last.reading } }),
  }
}

/** What queries by a label answered last, those in which something alone is bad before the others. */
function tablesOf(
  { fleet: { queries = [] }, readings }: TriageInput,
  services: readonly string[],
): NonNullable<TriageCard['affected']['tables']> {
  return queries
    .filter(({ serviceId }) => services.includes(serviceId))
    .flatMap(({ id, name, means }) => {
      const last = readings.get(id)
      const table = last?.reading.kind === 'number' ? last.reading.table : undefined
      if (!last || !table) return []
      const segment = segmentWords(table)
      return {
        ...{ queryId: id, name, at: last.at, table },
        ...(means !== undefined && { means }),
        ...(segment !== undefined && { segment }),
      }
    })
    .toSorted(
      (a, b) =>
        Number(b.segment !== undefined) - Number(a.segment !== undefined) ||
        (b.table.bad ?? 0) - (a.table.bad ?? 0),
    )
    .slice(0, TABLES_SHOWN_MAX)
}

function affectedCheck(
  finding: KnownFinding,
  definitions: readonly CheckDefinition[],
): TriageCard['affected']['checks'][number] {
  const { checkId = '', subject, evidence, regions, regionsWatching } = finding
  const step = evidence.find((item) => item.step !== undefined)?.step
  const kind = evidence[0]?.checkKind ?? definitions.find(({ id }) => id === checkId)?.kind
  return {
    checkId,
    name: subject,
    isJourney: kind === 'journey',
    ...(step !== undefined && { step }),
    regions,
    regionsWatching,
  }
}

/** The lowest layer that is broken in any of the runs: what lies above it cannot work. */
function firstBroken({ incident, evidenceRuns }: TriageInput) {
  const LAYERS = ['dns', 'tcp', 'tls', 'http']
  const names = new Map(
    incident.findings.map(({ checkId, subject }) => [checkId ?? '', subject] as const),
  )
  const found = evidenceRuns.flatMap((run) => {
    const { diagnosis } = run
    if (diagnosis?.firstBroken === undefined) return []
    const layer = diagnosis.layers[diagnosis.firstBroken]
    return layer ? [{ run, layer }] : []
  })
  const [lowest] = found.toSorted(
    (a, b) => LAYERS.indexOf(a.layer.layer) - LAYERS.indexOf(b.layer.layer),
  )
  if (!lowest) return undefined
  const { run, layer } = lowest
  return {
    layer: layer.layer,
    message: layer.message,
    runId: run.runId,
    checkName: names.get(run.checkId) ?? run.checkId,
    regionId: run.regionId,
  }
}

/**
 * Layers that would have seen it: a service's checks are its probes, its objectives and the sources of
 * signals are what they are, and the fleet watches itself.
 */
const layersWatching = (
  { checks, objectives, signalSources, vendors = [], queries = [] }: TriageInput['fleet'],
  services: readonly string[],
): Layer[] => {
  const isWatched = ({ serviceId }: { serviceId: string }) => services.includes(serviceId)
  return [
    ...(checks.some(isWatched) ? ['probes' as const] : []),
    ...(objectives.some(isWatched) ? ['objectives' as const] : []),
    ...new Set([
      ...signalSources.map(({ layer }) => layer ?? 'metrics'),
      ...queries.filter(isWatched).map(layerOfQuery),
    ]),
    ...(vendors.some(isWatched) ? ['vendors' as const] : []),
    'fleet',
  ]
}

function corroborate(incident: Incident, watching: readonly Layer[]): TriageCard['corroboration'] {
  const byLayer = Map.groupBy(incident.findings, layerOf)
  return {
    seen: [...byLayer].map(([layer, findings]) => ({ layer, findings: findings.length })),
    notSeen: watching.filter((layer) => !byLayer.has(layer)),
  }
}
