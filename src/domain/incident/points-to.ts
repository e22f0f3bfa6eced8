import type { CheckDefinition } from '../../protocol/check.ts'
import type { Incident, KnownFinding } from '../../protocol/incident.ts'
import { layerOf } from '../../protocol/layer-of.ts'
import type { Query } from '../../protocol/query.ts'
import type { Run } from '../../protocol/run.ts'
import type { Pointer } from '../../protocol/triage-card.ts'
import { joinNames } from '../join-names.ts'
import type { Reading } from '../signal/judge-reading.ts'
import { isOpen, openFindings } from './moves.ts'

/** So many regions must fail to connect: one alone may have lost its own way there. */
const REGIONS_CUT_OFF_MIN = 2

/** Names told of each sort; of more, that there are more. */
const NAMES_MAX = 3

export type PointsToInput = {
  incident: Incident
  /** Of the affected services. */
  checks: readonly CheckDefinition[]
  queries: readonly Query[]
  /** What queries answered last, by their ids. */
  readings: ReadonlyMap<string, { at: number; reading: Reading }>
  /** Runs that show what is wrong. */
  evidenceRuns: readonly Run[]
  /** The last run of each heartbeat. */
  heartbeatRuns: readonly Pick<Run, 'checkId' | 'startedAt' | 'verdict'>[]
}

/**
 * What the signals of an incident say together that none of them says alone. Each is a direction to look
 * in, and no proof; none where they say nothing in particular.
 */
export function pointsTo(input: PointsToInput): Pointer[] {
  if (!isOpen(input.incident)) return []
  const open = openFindings(input.incident)
  return [
    ...inboundBlocked(input),
    ...vendorFails(open),
    ...numbersAlone(open, input),
    ...numbersMissing(input),
  ]
}

/** From outside nobody gets a connection, while a job inside still calls: it lives, and the way in does not. */
function inboundBlocked({
  incident,
  checks,
  evidenceRuns,
  heartbeatRuns,
}: PointsToInput): Pointer[] {
  const cutOff = evidenceRuns.filter(({ error, diagnosis }) => {
    const broken = diagnosis?.firstBroken
    return (
      error?.type.startsWith('connect.') ||
      (broken !== undefined && diagnosis?.layers[broken]?.layer === 'tcp')
    )
  })
  const regions = [...new Set(cutOff.map(({ regionId }) => regionId))]
  // Whoever got an answer, a bad one too, came in.
  if (regions.length < REGIONS_CUT_OFF_MIN || cutOff.length < evidenceRuns.length) return []
  const since = incident.impactStartedAt
  const alive = heartbeatRuns.filter(
    ({ startedAt, verdict }) => verdict === 'passed' && startedAt > since,
  )
  if (alive.length === 0) return []
  const names = alive.map(({ checkId }) => checks.find(({ id }) => id === checkId)?.name ?? checkId)
  const isRefused = cutOff.some(({ error, diagnosis }) => {
    const layer = diagnosis?.layers[diagnosis.firstBroken ?? -1]
    return error?.type === 'connect.refused' || /refused/i.test(layer?.message ?? '')
  })
  const where = isRefused
    ? 'a rule may reject what comes in, or what listens there has ended'
    : 'look at firewall rules, security groups, routes and the load balancer first'
  return [
    {
      kind: 'inbound_blocked',
      question: 'Inbound blocked?',
      words: `Nothing connects from ${joinNames(regions)}, and ${shown(names)} still called from inside after that: ${where}.`,
    },
  ]
}

function vendorFails(open: readonly KnownFinding[]): Pointer[] {
  const own = open.filter((finding) => layerOf(finding) === 'vendors')
  if (own.length === 0 || own.length === open.length) return []
  const names = own.map(({ source, subject }) => source?.name ?? subject)
  return [
    {
      kind: 'dependency',
      question: 'A dependency?',
      words: `${shown(names)} says on its own status page that something is wrong there.`,
    },
  ]
}

/** A number rose, and whoever walks through the service sees nothing: how it is collected may be what broke. */
function numbersAlone(
  open: readonly KnownFinding[],
  { checks, evidenceRuns }: PointsToInput,
): Pointer[] {
  const layers = new Set(open.map(layerOf))
  const areNumbers = [...layers].every((layer) => layer === 'metrics' || layer === 'logs')
  const looking = checks.filter(({ kind }) => kind !== 'heartbeat')
  if (layers.size === 0 || !areNumbers || looking.length === 0 || evidenceRuns.length > 0) return []
  const what = [...layers].toSorted().reverse().join(' and ')
  return [
    {
      kind: 'telemetry_problem',
      question: 'A telemetry problem?',
      words: `Only ${what} say so, and none of the ${looking.length === 1 ? 'checks' : `${looking.length} checks`} of its services fails: see whether collection has gaps, restarts or counts twice.`,
    },
  ]
}

function numbersMissing({ queries, readings }: PointsToInput): Pointer[] {
  const missing = queries.flatMap(({ id, name }) => {
    const last = readings.get(id)?.reading
    return last && last.kind !== 'number' ? [{ name, reason: last.reason }] : []
  })
  const [first] = missing
  if (!first) return []
  return [
    {
      kind: 'telemetry_problem',
      question: 'A telemetry problem?',
      words: `${shown(missing.map(({ name }) => name))} ${missing.length === 1 ? 'gives' : 'give'} no number (${first.reason}), so that nothing rises there proves nothing.`,
    },
  ]
}

const shown = (names: readonly string[]): string =>
  joinNames(
    names.length <= NAMES_MAX
      ? names
      : [...names.slice(0, NAMES_MAX), `${names.length - NAMES_MAX} more`],
  )
