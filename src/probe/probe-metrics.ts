import { isIP } from 'node:net'
import { type Attributes, type Meter, metrics } from '@opentelemetry/api'
import type { Clock } from '../base/clock.ts'
import type { ProbedCheck } from '../protocol/check.ts'
import type { Phase, Run, RunNowReason, Verdict } from '../protocol/run.ts'
import { endpointOf } from './checks/check-endpoint.ts'
import type { SpoolCounts } from './spool/spool.ts'

/** Boundaries of OpenTelemetry's semantic conventions for durations, in seconds. */
const NETWORK_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
/** Journeys take longer than requests; the rest stays comparable. */
const CHECK_S = [...NETWORK_S, 15, 30, 60]

const DAY_S = 86_400

/**
 * Every name that the probe tells, in one table. Units are OpenTelemetry's; text of errors is never an
 * attribute, only its bounded type. `deploy/README.md` lists those that matter to operators.
 */
const HISTOGRAMS = {
  'synthetics.check.duration': {
    description: "The target's time: without queueing, browser start and evidence.",
    boundaries: CHECK_S,
  },
  'synthetics.check.phase.duration': {
    description: "Where a run's time went; the phase queue is the probe's, not the target's.",
    boundaries: NETWORK_S,
  },
  'synthetics.step.duration': {
    description: "The user's time in a step of a journey.",
    boundaries: CHECK_S,
  },
  'synthetics.schedule.lag': {
    description: 'How much later than its slot a run began.',
    boundaries: NETWORK_S,
  },
  // OpenTelemetry's own, only where they truly apply: one request, one look-up.
  'http.client.request.duration': {
    description: 'Duration of HTTP client requests.',
    boundaries: NETWORK_S,
  },
  'dns.lookup.duration': {
    description: 'Measures the time taken to perform a DNS lookup.',
    boundaries: NETWORK_S,
  },
} as const

const COUNTERS = {
  'synthetics.check.runs': { unit: '{run}', description: 'Runs by verdict and error type.' },
  'synthetics.check.runs.flagged': {
    unit: '{run}',
    description: 'Runs whose times may be wrong because the probe was too busy; not in durations.',
  },
  'synthetics.network.down': {
    unit: '{run}',
    description: "Runs that failed while the region's own references failed as well.",
  },
  'synthetics.diagnoses.skipped': {
    unit: '{run}',
    description: 'Failed runs that were not diagnosed because too many failed at once.',
  },
  'synthetics.recordings': {
    unit: '{recording}',
    description: 'Journeys that were run once more to be recorded, by what came of that.',
  },
  'synthetics.recordings.skipped': {
    unit: '{recording}',
    description: 'Recordings that were wanted and not made, by the reason.',
  },
  'synthetics.commands.received': {
    unit: '{command}',
    description: 'Commands to run a check now, by what became of them.',
  },
  'synthetics.schedule.slots.shed': {
    unit: '{slot}',
    description: 'Slots not run because the probe could not keep up; each is a probe_fault too.',
  },
  'synthetics.schedule.slots.late': {
    unit: '{slot}',
    description: 'Slots noticed too late to be run; the coordinator sees them as missed.',
  },
  'synthetics.uplink.failures': {
    unit: '{request}',
    description: 'Requests to the coordinator that failed.',
  },
} as const

const GAUGES = {
  'synthetics.certificate.expiry': {
    unit: 's',
    description: 'Time until the certificate ends, as of now; negative when it has ended.',
  },
  // Old results are never told again with a new time; this one says how old they are.
  'synthetics.check.last_run.timestamp': { unit: 's', description: 'When the check ran last.' },
  'synthetics.capacity.limit': {
    unit: '{run}',
    description: 'Network checks that may be under way at once, by how busy the probe is.',
  },
  'synthetics.capacity.under_provisioned': {
    unit: '1',
    description: '1 when slots were lately shed for want of places, else 0.',
  },
  'synthetics.spool.runs': { unit: '{run}', description: 'Runs that wait for the coordinator.' },
  'synthetics.spool.bytes': { unit: 'By', description: 'Disk space that the spool takes.' },
  'synthetics.spool.dropped.runs': {
    unit: '{run}',
    description: 'Runs lost to a limit since the start.',
  },
  'synthetics.spool.dropped.artifacts': {
    unit: '{artifact}',
    description: 'Artifacts lost to a limit, or refused, since the start.',
  },
  'synthetics.spool.damaged': {
    unit: '{record}',
    description: 'Records that could not be read back.',
  },
  'synthetics.spool.refused': {
    unit: '{run}',
    description: 'Runs that the coordinator refused for good.',
  },
  'synthetics.spool.write_failures': {
    unit: '{failure}',
    description: 'Writes to the spool that failed since the start.',
  },
} as const

export type ProbeMetrics = {
  ran(check: ProbedCheck, run: Run): void
  /** A command, by what became of it. */
  commanded(outcome: string, reason: RunNowReason): void
  /** Seconds from a slot until its run began. */
  lag(check: ProbedCheck, seconds: number): void
  shed(check: ProbedCheck): void
  late(checkId: string, count: number): void
  uplinkFailed(operation: string, reason: string): void
  /** A run failed, and the region's references as well. */
  networkDown(): void
  diagnosisSkipped(): void
  recorded(check: ProbedCheck, verdict: Verdict): void
  notRecorded(check: ProbedCheck, because: string): void
  /** Checks that are no longer assigned are no longer told about. */
  keepOnly(checkIds: ReadonlySet<string>): void
}

export type ProbeMetricsParts = {
  clock: Clock
  regionId: string
  spool(): SpoolCounts
  capacity(): { limit: number; isUnderProvisioned: boolean }
}

export function createProbeMetrics(parts: ProbeMetricsParts): ProbeMetrics {
  const { regionId } = parts
  const meter = metrics.getMeter('firewatch.probe')
  const histogram = (name: keyof typeof HISTOGRAMS) => {
    const { description, boundaries } = HISTOGRAMS[name]
    return meter.createHistogram(name, {
      unit: 's',
      description,
      advice: { explicitBucketBoundaries: [...boundaries] },
    })
  }
  const counter = (name: keyof typeof COUNTERS) => meter.createCounter(name, COUNTERS[name])

  const duration = histogram('synthetics.check.duration')
  const phaseDuration = histogram('synthetics.check.phase.duration')
  const stepDuration = histogram('synthetics.step.duration')
  const lag = histogram('synthetics.schedule.lag')
  const requestDuration = histogram('http.client.request.duration')
  const lookupDuration = histogram('dns.lookup.duration')
  const runs = counter('synthetics.check.runs')
  const flagged = counter('synthetics.check.runs.flagged')
  const networkDown = counter('synthetics.network.down')
  const diagnosesSkipped = counter('synthetics.diagnoses.skipped')
  const recordings = counter('synthetics.recordings')
  const recordingsSkipped = counter('synthetics.recordings.skipped')
  const commands = counter('synthetics.commands.received')
  const shed = counter('synthetics.schedule.slots.shed')
  const late = counter('synthetics.schedule.slots.late')
  const uplinkFailures = counter('synthetics.uplink.failures')

  const latest = new Map<string, LatestRun>()
  observe(meter, parts, latest)

  const identity = (check: ProbedCheck): Attributes => ({
    'check.id': check.id,
    'check.kind': check.kind,
    'service.id': check.serviceId,
    region: regionId,
  })

  function measuredTimes(check: ProbedCheck, run: Run): void {
    const attributes = identity(check)
    for (const { name, ms } of run.phases)
      phaseDuration.record(ms / 1_000, { ...attributes, phase: name })
    for (const { name, ms, status } of run.steps)
      stepDuration.record(ms / 1_000, { ...attributes, step: name, 'step.status': status })
    const request = requestOf(check, run)
    if (request) requestDuration.record(run.durationMs / 1_000, request)
    const lookup = lookupOf(check, run)
    if (lookup) lookupDuration.record(lookup.ms / 1_000, lookup.attributes)
  }

  return {
    ran(check, run) {
      const attributes = identity(check)
      const { verdict, error } = run
      const { command } = run
      runs.add(1, {
        ...attributes,
        verdict,
        ...(error && { 'error.type': error.type }),
        ...(command && { command: command.reason }),
      })
      const expiresAt = certificateEnd(run) ?? latest.get(check.id)?.expiresAt
      latest.set(check.id, {
        attributes,
        ranAt: run.startedAt,
        ...(expiresAt !== undefined && { expiresAt }),
      })
      const isFlagged = run.quality?.flagged !== undefined
      if (isFlagged) flagged.add(1, attributes)
      // What the probe could not measure is no time of the target.
      if (verdict === 'probe_fault' || isFlagged) return
      duration.record(run.durationMs / 1_000, { ...attributes, verdict })
      measuredTimes(check, run)
    },
    commanded: (outcome, reason) => commands.add(1, { outcome, reason, region: regionId }),
    lag: (check, seconds) => lag.record(Math.max(0, seconds), identity(check)),
    shed: (check) => shed.add(1, { ...identity(check), tier: check.tier }),
    late: (checkId, count) => late.add(count, { 'check.id': checkId, region: regionId }),
    uplinkFailed: (operation, reason) => uplinkFailures.add(1, { operation, 'error.type': reason }),
    networkDown: () => networkDown.add(1, { region: regionId }),
    diagnosisSkipped: () => diagnosesSkipped.add(1, { region: regionId }),
    recorded: (check, verdict) => recordings.add(1, { ...identity(check), verdict }),
    notRecorded: (check, reason) => recordingsSkipped.add(1, { ...identity(check), reason }),
    keepOnly(checkIds) {
      for (const checkId of latest.keys()) if (!checkIds.has(checkId)) latest.delete(checkId)
    },
  }
}

/** What the gauges tell of a check. */
type LatestRun = { attributes: Attributes; ranAt: number; expiresAt?: number }

/** Registers what is asked for whenever somebody reads the metrics. */
function observe(
  meter: Meter,
  { clock, regionId, spool, capacity }: ProbeMetricsParts,
  latest: ReadonlyMap<string, LatestRun>,
): void {
  const gauge = (name: keyof typeof GAUGES, read: () => Iterable<[number, Attributes]>) =>
    meter.createObservableGauge(name, GAUGES[name]).addCallback((result) => {
      for (const [value, attributes] of read()) result.observe(value, attributes)
    })

  gauge('synthetics.check.last_run.timestamp', () =>
    latest.values().map(({ ranAt, attributes }) => [ranAt / 1_000, attributes]),
  )
  gauge('synthetics.certificate.expiry', () =>
    latest
      .values()
      .flatMap(({ expiresAt, attributes }) =>
        expiresAt === undefined ? [] : [[(expiresAt - clock.now()) / 1_000, attributes]],
      ),
  )
  gauge('synthetics.capacity.limit', () => [[capacity().limit, { region: regionId }]])
  gauge('synthetics.capacity.under_provisioned', () => [
    [capacity().isUnderProvisioned ? 1 : 0, { region: regionId }],
  ])
  const spoolGauge = (name: keyof typeof GAUGES, count: keyof SpoolCounts) =>
    gauge(name, () => [[spool()[count], { region: regionId }]])
  spoolGauge('synthetics.spool.runs', 'runs')
  spoolGauge('synthetics.spool.bytes', 'bytes')
  spoolGauge('synthetics.spool.dropped.runs', 'droppedRuns')
  spoolGauge('synthetics.spool.dropped.artifacts', 'droppedArtifacts')
  spoolGauge('synthetics.spool.damaged', 'damagedRecords')
  spoolGauge('synthetics.spool.refused', 'refusedRuns')
  spoolGauge('synthetics.spool.write_failures', 'writeFailures')
}

function certificateEnd({ facts, startedAt }: Run): number | undefined {
  if (typeof facts.validTo === 'string') {
    const end = Date.parse(facts.validTo)
    if (!Number.isNaN(end)) return end
  }
  const { certificateDaysLeft: daysLeft } = facts
  return typeof daysLeft === 'number' ? startedAt + daysLeft * DAY_S * 1_000 : undefined
}

/** Attributes of the one request that the run made; undefined when it made none, or several. */
function requestOf(check: ProbedCheck, { facts, error, log }: Run): Attributes | undefined {
  if (check.kind !== 'http' || log.some((line) => line.includes(' redirects to '))) return undefined
  const { protocol, hostname, port } = new URL(check.url)
  return {
    'http.request.method': check.method,
    'server.address': hostname,
    'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
    'user_agent.synthetic.type': 'test',
    ...(typeof facts.status === 'number' && { 'http.response.status_code': facts.status }),
    ...(error && error.type !== 'assertion' && { 'error.type': error.type }),
  }
}

/** The look-up that the run made: its subject for a `dns` check, else of the host to connect to. */
function lookupOf(
  check: ProbedCheck,
  { phases, error }: Run,
): { ms: number; attributes: Attributes } | undefined {
  const phase = phases.find(({ name }: Phase) => name === (check.kind === 'dns' ? 'query' : 'dns'))
  const question = questionOf(check)
  // An address needs no look-up, only the phase that finds that out.
  if (!phase || question === '' || isIP(question) !== 0) return undefined
  return {
    ms: phase.ms,
    attributes: {
      'dns.question.name': question,
      ...(error?.type.startsWith('dns.') && { 'error.type': error.type }),
    },
  }
}

const questionOf = (check: ProbedCheck): string =>
  check.kind === 'dns' ? check.questionName : (endpointOf(check)?.host ?? '')
