import type { z } from 'zod'
import type { AssignmentEnvelope, RunNow } from '../protocol/probe-api.ts'
import { within } from '../runtime/deadline.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import { createDiagnoser } from './diagnose/diagnose.ts'
import { driveScheduler } from './drive-scheduler.ts'
import type { JourneyHosts } from './journey/journey-hosts.ts'
import { createUplinkJudge } from './judge-uplink.ts'
import { type AddressPolicy, policyNamed } from './network/address-policy.ts'
import { createUplinkReferences } from './network/uplink-references.ts'
import { createSlotPerformer, type PerformParts } from './perform-slot.ts'
import { createRecordings } from './recordings.ts'
import type { Scheduler } from './scheduler.ts'
import type { AssignmentFile } from './uplink/assignment-file.ts'
import { type ProbeAssignment, readAssignment } from './uplink/read-assignment.ts'

/** What runs under way get to end when the probe stops; later ones are accounted for at the next start. */
const STOP_RUNS_MS = 2_000

type Envelope = z.infer<typeof AssignmentEnvelope>

export type MeasuringParts = Omit<
  PerformParts,
  'hasGivenUp' | 'stopSignal' | 'policy' | 'uplink' | 'diagnoser' | 'recordings' | 'journeyHosts'
> & {
  journeyHosts: JourneyHosts

  scheduler: Scheduler
  assignmentFile: AssignmentFile
  lifecycle: Lifecycle
}

export type Measuring = {
  /** What the probe works by; undefined until it gets its first one. */
  readonly assignment: ProbeAssignment | undefined
  /** Takes over an assignment that the coordinator gave, at once and for the next start. */
  adopt(envelope: Envelope): Promise<void>
  /** Runs a check now if the slots leave a place for it. */
  runNow(command: RunNow): void
}

/**
 * Starts to measure, by the last assignment if there is one on disk.
 *
 * States: waiting for the first assignment → measuring (by one assignment after the other) → stopping
 * (nothing starts any more, runs under way are told to stop and recorded as they end) → stopped.
 */
export async function startMeasuring(parts: MeasuringParts): Promise<Measuring> {
  const { scheduler, assignmentFile, lifecycle, clock, logger, metrics, regionId } = parts
  let assignment: ProbeAssignment | undefined
  let hasGivenUp = false
  // Asked at each connection: another assignment may bring another policy, and other references.
  const network = () => assignment?.network
  const policy: AddressPolicy = {
    get name() {
      return policyNamed(network()?.policy).name
    },
    problem: (address) => policyNamed(network()?.policy).problem(address),
  }
  const references = createUplinkReferences({
    ...parts,
    references: () => network()?.references,
  })
  const running = { stopSignal: lifecycle.signal, hasGivenUp: () => hasGivenUp }
  const performer = createSlotPerformer({
    ...parts,
    ...running,
    recordings: createRecordings({ ...parts, ...running, policy }),
    policy,
    uplink: createUplinkJudge(references, metrics.networkDown),
    diagnoser: createDiagnoser({
      ...parts,
      policy,
      stopSignal: lifecycle.signal,
      resolvers: () => network()?.references.resolvers ?? [],
      onSkipped: metrics.diagnosisSkipped,
    }),
  })
  await performer.recordInterrupted()

  function take(envelope: Envelope): void {
    const { assignment: taken, leftOut } = readAssignment(envelope)
    for (const { checkId, reason } of leftOut)
      logger.warn({ check: checkId, reason }, 'this probe cannot run a check, and leaves it out')
    assignment = taken
    scheduler.assign(taken.checks, clock.now())
    metrics.keepOnly(new Set(taken.checks.map(({ id }) => id)))
    logger.info({ assignment: taken.hash, checks: taken.checks.length }, 'assigned')
  }

  const kept = await assignmentFile.load()
  // The folder may have been another region's before.
  if (kept?.regionId === regionId) take(kept)

  const driver = driveScheduler({
    scheduler,
    clock,
    start: performer.start,
    shed: performer.shed,
    late({ checkId, count }) {
      metrics.late(checkId, count)
      logger.warn({ check: checkId, slots: count }, 'slots were noticed too late and are not run')
    },
    networkRunsMax: scheduler.limits.network,
    load: parts.quality.watchLoad(),
    underProvisioned(isSo) {
      const { network: limit } = scheduler.limits
      if (isSo)
        logger.warn(
          { networkRunsAtOnce: limit, slotsShed: scheduler.counts.shedSlots },
          'this probe has more to do than it can measure, and sheds slots of the lowest tier first: give it more processors, or the region another probe',
        )
      else logger.info({ networkRunsAtOnce: limit }, 'this probe can do all it has to do again')
    },
  })
  lifecycle.onStop('runs under way', async () => {
    if (
      !(await within(
        STOP_RUNS_MS,
        driver.stop().then(() => true),
      ))
    )
      logger.warn('runs did not end in time; the next start accounts for them')
    hasGivenUp = true
  })

  return {
    get assignment() {
      return assignment
    },
    runNow({ checkId, commandId, reason }) {
      const outcome = driver.runNow(checkId, { commandId, reason })
      metrics.commanded(outcome, reason)
      logger.info({ check: checkId, commandId, reason, outcome }, 'told to run a check now')
    },
    async adopt(envelope) {
      if (envelope.regionId !== regionId) {
        logger.error({ regionId: envelope.regionId }, 'an assignment of another region is ignored')
        return
      }
      take(envelope)
      driver.look()
      await assignmentFile.save(envelope)
    },
  }
}
