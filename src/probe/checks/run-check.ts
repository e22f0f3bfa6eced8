import type { Clock } from '../../base/clock.ts'
import type { CheckDefinition, CheckKind, CheckOf } from '../../protocol/check.ts'
import type { Assertion, Expectation } from '../../protocol/expectation.ts'
import {
  ASSERTIONS_MAX,
  MESSAGE_LENGTH_MAX,
  type Run,
  type RunError,
  type Verdict,
} from '../../protocol/run.ts'
import { plainDuration } from '../network/phase-meter.ts'
import { type ArtifactFile, type CheckContext, CheckError } from './check-runner.ts'
import { classifyError } from './classify-error.ts'
import { judgeExpectations, subjectName } from './judge-expectations.ts'
import { clip, createFindingsRecorder, type RecordedFindings } from './record-findings.ts'
import { checkRunners } from './registry.ts'
import { createPatternTrial } from './try-pattern.ts'

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
> & { artifacts: ArtifactFile[] }

export type RunCheckContext = Omit<CheckContext, 'findings' | 'signal'> & {
  /** Aborts when the probe stops. */
  stopSignal: AbortSignal
}

/** Longest text of an assertion. */
const ASSERTION_TEXT_MAX = 500
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
  check: CheckDefinition,
  { stopSignal, ...context }: RunCheckContext,
): Promise<RunOutcome> {
  const { clock } = context
  const { findings, recorded } = createFindingsRecorder()
  const limitMs = check.kind === 'journey' ? undefined : check.timeoutMs
  const deadline = startDeadline(limitMs, clock, stopSignal)
  const startedAt = clock.monotonic()
  let broken: RunError | undefined
  try {
    await measure(check, { ...context, findings, signal: deadline.signal })
  } catch (error) {
    broken = explainThrown(error, deadline.cause(), check.timeoutMs)
  } finally {
    deadline.clear()
  }
  const wallMs = clock.monotonic() - startedAt

  const assertions = judge(check.expectations, recorded, { clock, isComplete: !broken })
  const error = broken ?? firstBroken(assertions, recorded)
  return {
    verdict: verdictOf(error, assertions),
    ...(error && { error: { ...error, message: clip(error.message, MESSAGE_LENGTH_MAX) } }),
    phases: recorded.phases,
    steps: recorded.steps,
    assertions,
    facts: recorded.facts,
    log: recorded.log,
    artifacts: recorded.artifacts,
    durationMs: recorded.durationMs ?? wallMs,
    ...(recorded.scriptHash !== undefined && { scriptHash: recorded.scriptHash }),
  }
}

/** Generic, so that check and runner are known to be of one kind. */
function measure<K extends CheckKind>(check: CheckOf<K>, context: CheckContext): Promise<void> {
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

type JudgeOptions = { clock: Clock; isComplete: boolean }

/** Of a run that broke off, only what it observed can be judged; the rest is not known. */
function judge(
  expectations: readonly Expectation[],
  { observed }: RecordedFindings,
  { clock, isComplete }: JudgeOptions,
): Assertion[] {
  const judged = expectations.filter(
    ({ subject, key }) => isComplete || observed.has(subjectName(subject, key)),
  )
  const tryPattern = createPatternTrial(clock.monotonic)
  return judgeExpectations(judged.slice(0, ASSERTIONS_MAX), observed, tryPattern).map(
    (assertion) => ({
      ...assertion,
      expected: clip(assertion.expected, ASSERTION_TEXT_MAX),
      actual: clip(assertion.actual, ASSERTION_TEXT_MAX),
    }),
  )
}

const isBroken = ({ level, held }: Assertion): boolean => level === 'must' && !held

function firstBroken(
  assertions: readonly Assertion[],
  { explanations }: RecordedFindings,
): RunError | undefined {
  const [broken, ...others] = assertions.filter(isBroken)
  if (!broken) return undefined
  const explained = explanations.get(broken.subject)?.(broken)
  if (explained) return explained
  const { subject, expected, actual } = broken
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  return {
    type: 'assertion',
    message: `${subject}: expected ${expected}, got ${actual}${more}`,
  }
}

function verdictOf(error: RunError | undefined, assertions: readonly Assertion[]): Verdict {
  if (error) return error.type.startsWith('probe.') ? 'probe_fault' : 'failed'
  return assertions.every(({ held }) => held) ? 'passed' : 'degraded'
}
