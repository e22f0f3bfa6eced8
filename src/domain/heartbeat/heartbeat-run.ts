import { clip } from '../../base/clip.ts'
import type { CheckOf } from '../../protocol/check.ts'
import type { Assertion } from '../../protocol/expectation.ts'
import { COORDINATOR_REGION } from '../../protocol/ids.ts'
import { judgeExpectations, type SubjectValue } from '../../protocol/judge-expectations.ts'
import { MESSAGE_LENGTH_MAX, type Run, type RunError } from '../../protocol/run.ts'
import type { JobCall } from './take-call.ts'

/** Most of a job's last line that its error shows. */
const LAST_LINE_LENGTH_MAX = 200

type Job = Pick<CheckOf<'heartbeat'>, 'id' | 'hash' | 'expectations'>

/** The run that a call makes which says that the job has ended. */
export function runOfCall(
  job: Job,
  call: JobCall,
  heard: {
    runId: string
    now: number
    /** Absent when the job did not say that it starts. */
    startedAt?: number | undefined
    /** The last lines of the job's log. */
    log: string[]
  },
): Run {
  const { runId, now, startedAt = now, log } = heard
  const exitCode = call.signal === 'success' ? 0 : call.exitCode
  const durationMs = Math.max(0, now - startedAt)
  const observed = new Map<string, SubjectValue>()
  if (exitCode !== undefined) observed.set('exitCode', exitCode)
  if (heard.startedAt !== undefined) observed.set('total', durationMs)
  // Of a job that only says that it failed, what it did not say is not held against it as well.
  const expectations = job.expectations.filter(
    ({ subject }) => call.signal !== 'fail' || observed.has(subject),
  )
  const assertions = judgeExpectations(expectations, observed, () => 'differs')
  const error = errorOf(call, exitCode, assertions, log)
  const isAsHoped = assertions.every(({ held }) => held)
  return {
    ...emptyRun(job, runId, now),
    startedAt,
    durationMs,
    verdict: error ? 'failed' : isAsHoped ? 'passed' : 'degraded',
    ...(error && { error }),
    assertions,
    facts: {
      signal: call.signal,
      ...(exitCode !== undefined && { exitCode }),
      ...(call.run !== undefined && { run: call.run }),
    },
    log,
  }
}

/** The run that stands for a call that did not come. */
export function runOfSilence(
  job: Job,
  { runId, now, reason }: { runId: string; now: number; reason: string },
): Run {
  return {
    ...emptyRun(job, runId, now),
    verdict: 'failed',
    error: { type: 'heartbeat.late', message: reason },
  }
}

function emptyRun(job: Job, runId: string, now: number): Run {
  return {
    runId,
    checkId: job.id,
    regionId: COORDINATOR_REGION,
    probeId: COORDINATOR_REGION,
    slotAt: now,
    startedAt: now,
    durationMs: 0,
    attempt: 1,
    verdict: 'passed',
    phases: [],
    steps: [],
    assertions: [],
    facts: {},
    artifacts: [],
    log: [],
    definitionHash: job.hash,
  }
}

function errorOf(
  call: JobCall,
  exitCode: number | undefined,
  assertions: Assertion[],
  log: string[],
): RunError | undefined {
  const broken = assertions.filter(({ level, held }) => level === 'must' && !held)
  const code = broken.find(({ subject }) => subject === 'exitCode')
  const last = log.at(-1)
  const lastLine =
    last === undefined ? '' : `; its last line was: ${clip(last, LAST_LINE_LENGTH_MAX)}`
  if (call.signal === 'fail' || code) {
    const isPlain = code === undefined || code.expected === '0'
    const expected = isPlain ? '' : `, expected ${code.expected}`
    const why = exitCode === undefined ? '' : `: exit code ${exitCode}${expected}`
    return { type: 'heartbeat.failed', message: bounded(`the job said it failed${why}${lastLine}`) }
  }
  const [first, ...others] = broken
  if (!first) return undefined
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  const { subject, expected, actual } = first
  const message = `${subject}: expected ${expected}, got ${actual}${more}${lastLine}`
  return { type: 'assertion', message: bounded(message) }
}

const bounded = (message: string) => clip(message, MESSAGE_LENGTH_MAX)
