import type { z } from 'zod'
import { nearestName } from '../base/nearest-name.ts'
import { NotificationsFile, RegionsFile, ServicesFile, SeveritiesFile } from '../protocol/config.ts'
import { QueriesFile } from '../protocol/query.ts'
import { SignalsFile } from '../protocol/signal.ts'
import { StatusPageFile } from '../protocol/status-page.ts'
import { MaintenanceFile } from '../protocol/written-maintenance.ts'
import { OnCallFile } from '../protocol/written-on-call.ts'
import { findFiles } from './find-files.ts'
import { joinOr } from './printable.ts'
import { type Problem, problemOfFile } from './problem.ts'
import { type Origin, readYaml } from './read-yaml.ts'
import { duplicateIds, type Identified } from './rules/duplicate-ids.ts'
import { durationProblems } from './rules/duration-rules.ts'
import { needProblems } from './rules/need-rules.ts'
import {
  notificationProblems,
  notificationWarnings,
  unsentProblems,
} from './rules/notification-rules.ts'
import { onCallProblems } from './rules/on-call-rules.ts'
import { queryProblems } from './rules/query-rules.ts'
import { severityProblems, updateEveryProblems } from './rules/severity-rules.ts'
import { signalProblems } from './rules/signal-rules.ts'
import { throughputProblems, throughputQueries } from './rules/throughput-rules.ts'
import { trafficProblems, trafficQueries } from './rules/traffic-rules.ts'
import { checkShape } from './yaml/check-shape.ts'
import { valueAt, type YamlFile } from './yaml/yaml-file.ts'

/** The files of `config/`, as written; those that may be absent are undefined then. */
export type WrittenConfig = {
  regions?: RegionsFile
  services?: ServicesFile
  severities?: SeveritiesFile
  notifications?: NotificationsFile
  signals?: SignalsFile
  queries?: QueriesFile
  maintenance?: MaintenanceFile
  onCall?: OnCallFile
  statusPage?: StatusPageFile
}

export type ReadConfig = {
  written: WrittenConfig
  /**
   * What check files may name. A list is undefined where its file could not be read: then nothing
   * can be said about the names, and what is wrong with the file is said there.
   */
  known: {
    regions: string[] | undefined
    services: string[] | undefined
    /** None where there is no such file. */
    queries?: string[] | undefined
    /** None where there is no such file. */
    onCall: Record<'people' | 'teams' | 'rotations', string[] | undefined>
    /** The regions with the networks they are on, as far as they are written well. */
    regionEntries?: { id: string; provider?: string | undefined }[] | undefined
  }
  /** To be looked into once it is known which checks there are. */
  maintenanceYaml?: YamlFile | undefined
  statusPageYaml?: YamlFile | undefined
  /** The file itself, for what can be said of it only when the checks are known. */
  servicesYaml: YamlFile | undefined
  problems: Problem[]
  /** What is allowed and yet hardly meant. */
  warnings: Problem[]
}

const NAMES = [
  'regions',
  'services',
  'severities',
  'notifications',
  'maintenance',
  'signals',
  'queries',
  'on-call',
  'status-page',
] as const
const REQUIRED: Record<string, string> = {
  regions: 'the regions in which probes stand',
  services: 'the services that are watched',
}

/** Reads all of `config/` and says everything that is wrong there. */
export async function readConfig(origin: Origin): Promise<ReadConfig> {
  const found = await findFiles(origin.folder, 'config', { depthMax: 1 })
  const problems = [...found.problems, ...found.files.flatMap(strangeFile)]

  const present = (name: string) => found.files.includes(`config/${name}.yaml`)
  for (const [name, expected] of Object.entries(REQUIRED))
    if (!present(name) && found.problems.length === 0)
      problems.push(
        problemOfFile(`config/${name}.yaml`, { message: 'the file is missing', expected }),
      )

  async function read<S extends z.ZodType>(name: (typeof NAMES)[number], schema: S) {
    if (!present(name)) return {}
    const { yaml, problems: unreadable } = await readYaml(origin, `config/${name}.yaml`)
    problems.push(...unreadable)
    if (!yaml) return {}
    const shaped = checkShape(yaml, schema)
    problems.push(...shaped.problems)
    return { yaml, value: shaped.value }
  }
  const regions = await read('regions', RegionsFile)
  const services = await read('services', ServicesFile)
  const severities = await read('severities', SeveritiesFile)
  const notifications = await read('notifications', NotificationsFile)
  const signals = await read('signals', SignalsFile)
  const queries = await read('queries', QueriesFile)
  const maintenance = await read('maintenance', MaintenanceFile)
  const onCall = await read('on-call', OnCallFile)
  const statusPage = await read('status-page', StatusPageFile)

  problems.push(
    ...duplicateIds('region', identified(regions.yaml, 'regions')),
    ...duplicateIds('service', identified(services.yaml, 'services')),
    ...duplicateIds('channel', identified(notifications.yaml, 'channels')),
    ...(notifications.yaml && notifications.value
      ? notificationProblems(notifications.yaml, notifications.value)
      : []),
    ...duplicateIds('source', identified(signals.yaml, 'sources')),
    ...duplicateIds('query', identified(queries.yaml, 'queries')),
    ...askedProblems(services.yaml, queries.yaml, present('queries')),
    ...duplicateIds('vendor', identified(signals.yaml, 'vendors')),
    ...(signals.yaml ? signalProblems(signals.yaml, namesIn(services.yaml, 'services')) : []),
    ...(signals.yaml ? durationProblems(signals.yaml, ['reports', 'within']) : []),
    ...(regions.yaml ? durationProblems(regions.yaml, ['silentAfter']) : []),
    ...(severities.yaml ? durationProblems(severities.yaml, ['verifyFor']) : []),
    ...(severities.yaml ? severityProblems(severities.yaml) : []),
    ...(severities.yaml ? updateEveryProblems(severities.yaml) : []),
    ...(services.yaml && services.value ? needProblems(services.yaml, services.value) : []),
    ...duplicateIds('component', identified(statusPage.yaml, 'components')),
    ...duplicateIds('window', identified(maintenance.yaml, 'windows')),
    ...(onCall.yaml ? onCallProblems(onCall.yaml, namesIn(services.yaml, 'services')) : []),
    // Of a file that is there and cannot be read nothing is known.
    ...(onCall.yaml && (notifications.yaml || !present('notifications'))
      ? unsentProblems(onCall.yaml, notifications.yaml)
      : []),
  )
  return {
    written: {
      ...(regions.value && { regions: regions.value }),
      ...(services.value && { services: services.value }),
      ...(severities.value && { severities: severities.value }),
      ...(notifications.value && { notifications: notifications.value }),
      ...(signals.value && { signals: signals.value }),
      ...(queries.value && { queries: queries.value }),
      ...(maintenance.value && { maintenance: maintenance.value }),
      ...(onCall.value && { onCall: onCall.value }),
      ...(statusPage.value && { statusPage: statusPage.value }),
    },
    known: {
      regions: namesIn(regions.yaml, 'regions'),
      services: namesIn(services.yaml, 'services'),
      queries:
        present('queries') && !queries.yaml ? undefined : (namesIn(queries.yaml, 'queries') ?? []),
      onCall: {
        people: dutyNames(onCall.yaml, 'people', present('on-call')),
        teams: dutyNames(onCall.yaml, 'teams', present('on-call')),
        rotations: dutyNames(onCall.yaml, 'rotations', present('on-call')),
      },
      regionEntries: regions.value
        ? regions.value.regions
        : namesIn(regions.yaml, 'regions')?.map((id) => ({ id })),
    },
    servicesYaml: services.yaml,
    statusPageYaml: statusPage.yaml,
    warnings: warningsOf(notifications),
    maintenanceYaml: maintenance.yaml,
    problems,
  }
}

const warningsOf = ({
  yaml,
  value,
}: {
  yaml?: YamlFile
  value?: NotificationsFile | undefined
}): Problem[] => (yaml && value ? notificationWarnings(yaml, value) : [])

/** Queries, and the services that count by them; an unreadable file says nothing of the other. */
function askedProblems(
  services: YamlFile | undefined,
  queries: YamlFile | undefined,
  areQueriesWritten: boolean,
): Problem[] {
  const written = valueAt(queries?.value, ['queries'])
  const list = areQueriesWritten ? (Array.isArray(written) ? written : undefined) : []
  const counting = services
    ? [...throughputQueries(services), ...trafficQueries(services)].map(({ id }) => id)
    : []
  return [
    ...(queries ? queryProblems(queries, namesIn(services, 'services'), counting) : []),
    ...(services ? throughputProblems(services, list) : []),
    ...(services ? trafficProblems(services, list) : []),
  ]
}

/** A file that looks as if it meant something here, but that nobody reads. */
function strangeFile(file: string): Problem[] {
  const name = file.slice('config/'.length)
  const stem = /^(.*)\.ya?ml$/i.exec(name)?.[1]
  if (stem === undefined || NAMES.some((known) => `${known}.yaml` === name)) return []
  const suggestion = nearestName(stem, NAMES)
  const message = 'no file of this name is read'
  return suggestion
    ? [problemOfFile(file, { message, suggestion: `${suggestion}.yaml` })]
    : [problemOfFile(file, { message, expected: joinOr(NAMES.map((known) => `${known}.yaml`)) })]
}

function identified(yaml: YamlFile | undefined, list: string): Identified[] {
  const entries = valueAt(yaml?.value, [list])
  if (!yaml || !Array.isArray(entries)) return []
  return entries.map((entry, index) => ({
    yaml,
    path: [list, index, 'id'],
    id: valueAt(entry, ['id']),
  }))
}

/** Undefined where the file could not be read. */
const dutyNames = (yaml: YamlFile | undefined, list: string, isWritten: boolean) =>
  isWritten && !yaml ? undefined : (namesIn(yaml, list) ?? [])

/** Ids as written, even where the rest of the file has problems. */
function namesIn(yaml: YamlFile | undefined, list: string): string[] | undefined {
  const ids = identified(yaml, list).map(({ id }) => id)
  return ids.length > 0 ? ids.filter((id) => typeof id === 'string') : undefined
}
