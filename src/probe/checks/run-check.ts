import { messageOf } from '../../base/app-error.ts'
import type { Clock } from '../../base/clock.ts'
import type { CheckOf, ProbedCheck, ProbedKind } from '../../protocol/check.ts'
import type { Run, RunError } from '../../protocol/run.ts'
import { plainDuration } from '../network/phase-meter.ts'
import type { QualityMonitor } from '../quality.ts'
import { hasAddressParts } from './check-endpoint.ts'
import { type ArtifactFile, type CheckContext, CheckError } from './check-runner.ts'
import { classifyError } from './classify-error.ts'
import { conclude } from './conclude.ts'
import { measureAddresses } from './measure-addresses.ts'
import { createFindingsRecorder, type RecordedFindings } from './record-findings.ts'
import { checkRunners } from './registry.ts'

/** Everything of a run that comes from its execution. */
export type RunOutcome = Pick<
  Run,
  | 'verdict'
  | 'error'
  | 'phases'
  | 'steps'
  | 'assertions'
  | 'facts'
  | 'log'
  | 'durationMs'
  | 'scriptHash'
  | 'exchanges'
  | 'quality'
  | 'browser'
> & { artifacts: ArtifactFile[] }

export type RunCheckContext = Omit<CheckContext, 'findings' | 'signal' | 'onlyAddress'> & {
  quality: QualityMonitor
  /** Where files of the run are written; whoever records the run moves them away. */
  tempFolder: string
  /** Aborts when the probe stops. */
  stopSignal: AbortSignal
}

/** What came of running a check, or of one of its addresses. */
export type Measured = {
  recorded: RecordedFindings
  /** Why it broke off; undefined when it came to its end. */
  broken: RunError | undefined
  /** Whether it was the time limit that broke it off, in whichever phase. */
  isOverdue?: boolean
  wallMs: number
  /** The address that this is about, where there are several. */
  address?: string
  /** What was said before there were several, and concerns them all. */
  sharedLog?: readonly string[]
}

/**
 * A deadline that is noticed this late says that our event loop stood still. The answer may have
 * lain in the socket meanwhile, so it says nothing about the target.
 */
const STARVED_MS = 1_000

/**
 * Runs a check once: measures, says what went wrong and whose fault it is, compares with what is
 * expected, and gives the verdict. Never throws; ends by the check's time limit or when the probe
 * stops. (Journeys keep their limit themselves: it begins when the browser is ready.)
 */
export async function runCheck(
  check: ProbedCheck,
  { stopSignal, quality, tempFolder, ...context }: RunCheckContext,
): Promise<RunOutcome> {
  const { clock } = context
  const limitMs = check.kind === 'journey' ? undefined : check.timeoutMs
  const deadline = startDeadline(limitMs, clock, stopSignal)
  // A host takes a journey's times, in its own process.
  const endQuality = quality.begin(check.kind !== 'journey')
  const explain = (thrown: unknown) => explainThrown(thrown, deadline.cause(), check.timeoutMs)
  const measureOnce: MeasureOnce = (onlyAddress) =>
    measure(check, { ...context, ...(onlyAddress !== undefined && { onlyAddress }) }, deadline)
  try {
    const measured = hasAddressParts(check)
      ? await measureAddresses(check, { ...context, explain, signal: deadline.signal }, measureOnce)
      : [await measureOnce()]
    return await conclude(check, measured, { ...context, tempFolder, quality: endQuality() })
  } catch (error) {
    // Whatever a target sends, the probe goes on: one run that cannot be concluded is one fault of ours.
    return withoutConclusion(error)
  } finally {
    deadline.clear()
  }
}

function withoutConclusion(error: unknown): RunOutcome {
  const isKnown = error instanceof CheckError && error.type.startsWith('probe.')
  const message = `the run could not be concluded: ${messageOf(error)}`
  return {
    verdict: 'probe_fault',
    error: isKnown ? error.toRunError() : { type: 'probe.internal', message },
    phases: [],
    steps: [],
    assertions: [],
    facts: {},
    log: [],
    artifacts: [],
    durationMs: 0,
  }
}

/** Measures once, over all addresses or only one. Never throws. */
export type MeasureOnce = (onlyAddress?: string) => Promise<Measured>

async function measure(
  check: ProbedCheck,
  context: Omit<CheckContext, 'findings' | 'signal'>,
  deadline: Deadline,
): Promise<Measured> {
  const { clock, onlyAddress: address } = context
  const { findings, recorded } = createFindingsRecorder()
  const startedAt = clock.monotonic()
  const secret = (name: string) => {
    const value = context.secret(name)
    if (value !== undefined) findings.secret(name, value)
    return value
  }
  let broken: RunError | undefined
  try {
    await runKind(check, { ...context, secret, findings, signal: deadline.signal })
    // It came to an end with what it had by then, and that was not the target's fault.
    if (deadline.cause() === 'starved')
      broken = explainThrown(undefined, 'starved', check.timeoutMs)
  } catch (error) {
    broken = explainThrown(error, deadline.cause(), check.timeoutMs)
  }
  const wallMs = clock.monotonic() - startedAt
  const isOverdue = broken !== undefined && deadline.cause() === 'deadline'
  return { recorded, broken, isOverdue, wallMs, ...(address !== undefined && { address }) }
}

/** Generic, so that check and runner are known to be of one kind. */
function runKind<K extends ProbedKind>(check: CheckOf<K>, context: CheckContext): Promise<void> {
  return checkRunners[check.kind as K](check, context)
}

/** Why the signal was aborted: time is up, time was up long ago (`starved`), or the probe stops. */
type AbortCause = 'none' | 'deadline' | 'starved' | 'stopped'

type Deadline = { signal: AbortSignal; cause(): AbortCause; clear(): void }

function startDeadline(
  limitMs: number | undefined,
  clock: Clock,
  stopSignal: AbortSignal,
): Deadline {
  const controller = new AbortController()
  const startedAt = clock.monotonic()
  let cause: AbortCause = 'none'

  const passed = () => {
    const isLate = clock.monotonic() - startedAt > (limitMs ?? 0) + STARVED_MS
    cause = isLate ? 'starved' : 'deadline'
    controller.abort(new DOMException('the time limit has passed', 'TimeoutError'))
  }
  const stop = () => {
    cause = 'stopped'
    controller.abort(new DOMException('the probe stops', 'AbortError'))
  }
  const timer = limitMs === undefined ? undefined : setTimeout(passed, limitMs)
  if (stopSignal.aborted) stop()
  else stopSignal.addEventListener('abort', stop, { once: true })

  return {
    signal: controller.signal,
    cause: () => cause,
    clear() {
      clearTimeout(timer)
      stopSignal.removeEventListener('abort', stop)
    },
  }
}

function explainThrown(thrown: unknown, cause: AbortCause, timeoutMs: number): RunError {
  switch (cause) {
    case 'stopped':
      // A journey says it itself, in the same words as its step.
      if (thrown instanceof CheckError && thrown.type === 'probe.interrupted')
        return thrown.toRunError()
      return { type: 'probe.interrupted', message: 'the probe stopped while the check ran' }
    case 'starved':
      return {
        type: 'probe.overload',
        message: 'the probe was too busy to notice its own time limit; nothing was measured',
      }
    case 'deadline':
      if (thrown instanceof CheckError) return thrown.toRunError()
      return { type: 'timeout', message: `no result within ${plainDuration(timeoutMs)}` }
    case 'none':
      return classifyError(thrown)
  }
}
