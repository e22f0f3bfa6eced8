import { assert } from '../base/assert.ts'
import { parseDuration } from '../base/duration.ts'
import type { CheckDefinition } from '../protocol/check.ts'
import { type Fleet, type ServicesFile, type SeveritiesFile, Severity } from '../protocol/config.ts'
import type { Runbook } from '../protocol/runbook.ts'
import {
  type ReportRule,
  type SignalsFile,
  USUAL_REPORT_RULE,
  type Vendor,
} from '../protocol/signal.ts'
import type { MaintenanceWindow } from '../protocol/suppression.ts'
import type { MaintenanceFile } from '../protocol/written-maintenance.ts'
import { canonicalHash } from './canonical-hash.ts'
import {
  DEFAULT_SEVERITY_LABELS,
  DEFAULT_SEVERITY_RULES,
  DEFAULT_UPDATE_EVERY,
  type SeverityLabels,
} from './default-severities.ts'
import { compareText, type Problem, sortProblems } from './problem.ts'
import { readChecks, type WrittenCheckFile } from './read-checks.ts'
import { readConfig, type WrittenConfig } from './read-config.ts'
import { readRunbooks } from './read-runbooks.ts'
import { resolveCheck } from './resolve-check.ts'
import { resolveNetwork } from './resolve-network.ts'
import { resolveObjectives } from './resolve-objectives.ts'
import { resolveOnCall } from './resolve-on-call.ts'
import { resolveQuery } from './resolve-query.ts'
import { downstreamProblems } from './rules/downstream-rules.ts'
import { contentKey } from './rules/file-rules.ts'
import { maintenanceProblems } from './rules/maintenance-rules.ts'
import { objectiveProblems } from './rules/objective-rules.ts'
import { runbookWarnings } from './rules/runbook-rules.ts'
import { statusPageProblems } from './rules/status-page-rules.ts'
import type { Environment } from './yaml/substitute.ts'

/** What holds where `config/` does not say otherwise. */
const SILENT_AFTER = '60s'
const VERIFY_FOR = '30m'
const LOOK_EVERY = '1m'
const THROUGHPUT_SHARE = '80%'

export type FleetResult =
  | {
      ok: true
      fleet: Fleet
      /** What is allowed and yet hardly meant. */
      warnings?: Problem[]
    }
  | { ok: false; problems: Problem[] }

/**
 * Reads `probes/` and `config/` below a folder. Either everything is valid, and comes resolved with
 * every default applied, or every problem of every file comes at once. The same files and variables
 * give the same fleet, to the byte.
 *
 * @param environment the variables that the files may use. What they hold is never part of a problem.
 */
export async function loadFleet(folder: string, environment: Environment): Promise<FleetResult> {
  const origin = { folder, environment }
  const config = await readConfig(origin)
  const checks = await readChecks(origin, config.known)
  const names = { ...config.known, checks: checks.ids }
  const { runbooks, problems: runbookProblems } = await readRunbooks(origin, {
    ...names,
    queries: config.known.queries,
    onCall: config.known.onCall,
  })
  const problems = sortProblems([
    ...config.problems,
    ...checks.problems,
    ...runbookProblems,
    ...(config.statusPageYaml ? statusPageProblems(config.statusPageYaml, names) : []),
    ...(config.maintenanceYaml ? maintenanceProblems(config.maintenanceYaml, names) : []),
  ])
  if (problems.length > 0) return { ok: false, problems }

  const fleet = resolveFleet(config.written, checks.files, runbooks)
  const { servicesYaml, written } = config
  assert(servicesYaml && written.services, 'without services there is a problem')
  const unkept = [
    ...objectiveProblems(servicesYaml, written.services.services, fleet.checks),
    ...downstreamProblems(servicesYaml, written.services, fleet.checks),
  ]
  if (unkept.length > 0) return { ok: false, problems: sortProblems(unkept) }
  const warnings = sortProblems([
    ...config.warnings,
    ...checks.warnings,
    ...runbookWarnings(fleet, checks.places),
  ])
  return warnings.length > 0 ? { ok: true, fleet, warnings } : { ok: true, fleet }
}

/** The scripts that checks name, relative to the folder, as far as the files of checks can be read. */
export async function namedScripts(folder: string, environment: Environment): Promise<string[]> {
  const onCall = { people: undefined, teams: undefined, rotations: undefined }
  const known = { regions: undefined, services: undefined, onCall }
  const { scripts } = await readChecks({ folder, environment }, known)
  return scripts.toSorted(compareText)
}

function resolveFleet(
  config: WrittenConfig,
  files: readonly WrittenCheckFile[],
  runbooks: Runbook[],
): Fleet {
  const { regions, services, severities, notifications, signals, queries, maintenance } = config
  const { onCall, statusPage } = config
  assert(regions && services, 'without regions and services there is a problem')
  const fleet: Omit<Fleet, 'hash' | 'objectives'> = {
    regions: regions.regions.map((region) => ({
      id: region.id,
      name: region.name ?? region.id,
      ...(region.provider && { provider: region.provider }),
      network: resolveNetwork(regions, region),
    })),
    silentAfterMs: milliseconds(regions.silentAfter ?? SILENT_AFTER),
    services: services.services.map(
      ({ id, name, tier, owner, links, needs, downstream, throughput, revenuePerMinute }) => ({
        id,
        name: name ?? id,
        tier,
        owner,
        ...(links && links.length > 0 && { links }),
        ...(needs && needs.length > 0 && { needs }),
        ...(downstream && downstream.length > 0 && { downstream }),
        ...(revenuePerMinute && { revenuePerMinute }),
        ...(throughput && { throughput: resolveThroughput(throughput) }),
      }),
    ),
    ...(maintenance && { maintenance: maintenance.windows.map(resolveWindow) }),
    severityRules: severities?.rules ?? DEFAULT_SEVERITY_RULES,
    severityLabels: resolveLabels(severities?.severities),
    updateEveryMs: resolveUpdateEvery(severities?.severities),
    verifyForMs: milliseconds(severities?.verifyFor ?? VERIFY_FOR),
    channels: notifications?.channels ?? [],
    ...(notifications?.senders && { senders: notifications.senders }),
    ...(notifications?.tickets && { tracker: notifications.tickets }),
    signalSources: signals?.sources ?? [],
    ...(signals?.changes && { changeSecret: signals.changes.secret }),
    ...(signals?.reports && { reportRule: resolveReports(signals.reports) }),
    ...(signals?.vendors && { vendors: signals.vendors.map(resolveVendor) }),
    ...(queries && { queries: queries.queries.map(resolveQuery) }),
    ...(runbooks.length > 0 && { runbooks }),
    ...(statusPage && { statusPage }),
    ...(onCall && { onCall: resolveOnCall(onCall, services.services) }),
    checks: files
      .flatMap((file) => resolveFile(file, regions.regions, services.services))
      .toSorted((a, b) => compareText(a.id, b.id)),
  }
  const withObjectives = {
    ...fleet,
    objectives: resolveObjectives(services.services, fleet.checks),
  }
  return { ...withObjectives, hash: canonicalHash(withObjectives) }
}

function resolveLabels(written: SeveritiesFile['severities']): SeverityLabels {
  if (!written) return DEFAULT_SEVERITY_LABELS
  const labels = Object.entries(written).map(([severity, { name, description }]) => [
    severity,
    { name, description },
  ])
  return Object.fromEntries(labels)
}

function resolveUpdateEvery(
  written: SeveritiesFile['severities'],
): NonNullable<Fleet['updateEveryMs']> {
  const every = Severity.options.flatMap((severity) => {
    const text = written?.[severity]?.updateEvery ?? DEFAULT_UPDATE_EVERY[severity] ?? 'never'
    return text === 'never' ? [] : [[severity, milliseconds(text)]]
  })
  return Object.fromEntries(every)
}

function resolveFile(
  { written, named }: WrittenCheckFile,
  regions: NonNullable<WrittenConfig['regions']>['regions'],
  services: NonNullable<WrittenConfig['services']>['services'],
): CheckDefinition[] {
  const service = services.find(({ id }) => id === written.service)
  assert(service, 'an unknown service is a problem')
  return written.checks.map((check, index) =>
    resolveCheck(check, {
      service,
      regions,
      defaults: written.defaults,
      script: named.scripts.get(index),
      content: (path) => named.contents.get(contentKey(index, path)),
    }),
  )
}

function resolveWindow({
  id,
  reason,
  from,
  until,
  cron,
  timeZone,
  lasts,
  ...scope
}: MaintenanceFile['windows'][number]): MaintenanceWindow {
  if (from !== undefined && until !== undefined)
    return {
      id,
      reason,
      scope,
      when: { kind: 'once', from: Date.parse(from), until: Date.parse(until) },
    }
  assert(cron !== undefined && lasts !== undefined, 'a window says when it is')
  const when = {
    kind: 'cron' as const,
    expression: cron.trim(),
    timeZone: timeZone ?? 'UTC',
    lastsMs: milliseconds(lasts),
  }
  return { id, reason, scope, when }
}

function resolveThroughput({
  query,
  atLeast = THROUGHPUT_SHARE,
  required = false,
}: NonNullable<ServicesFile['services'][number]['throughput']>) {
  return { queryId: query, shareMin: Number.parseInt(atLeast, 10) / 100, isRequired: required }
}

function resolveReports({
  count = USUAL_REPORT_RULE.count,
  within,
  severity,
}: NonNullable<SignalsFile['reports']>): ReportRule {
  return {
    count,
    withinMs: within === undefined ? USUAL_REPORT_RULE.withinMs : milliseconds(within),
    ...(severity && { severity }),
  }
}

function resolveVendor({
  id,
  name = id,
  url,
  components,
  service,
  every,
  severities,
}: NonNullable<SignalsFile['vendors']>[number]): Vendor {
  return {
    ...{ id, name, serviceId: service },
    url: url.replace(/\/+$/, ''),
    ...(components && { components }),
    everyMs: milliseconds(every ?? LOOK_EVERY),
    severities: { minor: 'SEV-4', major: 'SEV-3', critical: 'SEV-2', ...severities },
  }
}

function milliseconds(duration: string): number {
  const ms = parseDuration(duration)
  assert(ms !== undefined, 'durations were checked with the shape of the file')
  return ms
}
