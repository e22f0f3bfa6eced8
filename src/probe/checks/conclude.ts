import type { Clock } from '../../base/clock.ts'
import type { ProbedCheck } from '../../protocol/check.ts'
import type { Assertion, Expectation } from '../../protocol/expectation.ts'
import { judgeExpectations, subjectName } from '../../protocol/judge-expectations.ts'
import {
  ASSERTIONS_MAX,
  MESSAGE_LENGTH_MAX,
  type Quality,
  type RunError,
  type Verdict,
} from '../../protocol/run.ts'
import { createMask, type Mask } from '../../runtime/mask-secrets.ts'
import { judgeQuality } from '../judge-quality.ts'
import { saveEvidence } from './evidence-file.ts'
import { mergeMeasured } from './measure-addresses.ts'
import { clip, type RecordedPart } from './record-findings.ts'
import type { Measured, RunOutcome } from './run-check.ts'
import { createTimeBox } from './time-box.ts'

/** Longest text of an assertion. */
const ASSERTION_TEXT_MAX = 500

type ConcludeContext = { clock: Clock; runId: string; tempFolder: string; quality: Quality }

/**
 * Makes a run of what was measured: compares it with what is expected, judges the probe before the
 * target, gives the verdict, and masks what is secret.
 */
export async function conclude(
  check: ProbedCheck,
  measured: readonly Measured[],
  context: ConcludeContext,
): Promise<RunOutcome> {
  const { recorded, broken, durationMs } = mergeMeasured(measured)
  const judged = measured.flatMap((one) => judgeMeasured(check, one, context.clock))
  const { quality, isTimeUnknown, excluded } = judgeQuality(context.quality, durationMs, check.kind)
  const assertions = judged.map(({ assertion }) => excludeTimes(assertion, excluded))
  const error = isTimeUnknown(broken) ?? firstBroken(judged, assertions)
  const outcome: RunOutcome = {
    verdict: verdictOf(error, assertions),
    ...(error && { error }),
    phases: recorded.phases,
    steps: recorded.steps,
    assertions,
    facts: recorded.facts,
    log: recorded.log,
    artifacts: recorded.artifacts,
    ...(recorded.exchanges.length > 0 && { exchanges: recorded.exchanges }),
    durationMs,
    quality,
    ...(recorded.scriptHash !== undefined && { scriptHash: recorded.scriptHash }),
  }
  const mask = createMask(Object.fromEntries(recorded.secrets))
  const artifact =
    outcome.verdict === 'passed' || recorded.evidence.length === 0
      ? undefined
      : await saveEvidence(recorded.evidence, { ...context, mask })
  return maskOutcome(
    artifact ? { ...outcome, artifacts: [...outcome.artifacts, artifact] } : outcome,
    mask,
  )
}

/** One assertion, and what explains it when it is broken. */
type Judged = { assertion: Assertion; part: RecordedPart; address: string | undefined }

/** Of a run that broke off, only what it observed can be judged; the rest is not known. */
function judgeMeasured(
  { expectations }: ProbedCheck,
  { recorded, broken, address }: Measured,
  clock: Clock,
): Judged[] {
  const timeBox = createTimeBox(clock.monotonic)
  const about = (expectation: Expectation): RecordedPart =>
    (expectation.part === undefined ? undefined : recorded.parts.get(expectation.part)) ?? recorded
  for (const { subject, key, ...expectation } of expectations)
    if (key !== undefined) lookUp(about({ subject, key, ...expectation }), subject, key, timeBox)
  return expectations
    .filter((one) => !broken || about(one).observed.has(subjectName(one.subject, one.key)))
    .slice(0, ASSERTIONS_MAX)
    .flatMap((expectation) => {
      const part = about(expectation)
      const isObserved = expectation.part === undefined || recorded.parts.has(expectation.part)
      const observed = isObserved ? part.observed : new Map()
      return judgeExpectations([expectation], observed, timeBox.tryPattern).map((assertion) => ({
        part,
        address,
        assertion: {
          ...assertion,
          ...(address !== undefined && { part: address }),
          expected: clip(assertion.expected, ASSERTION_TEXT_MAX),
          actual: clip(assertion.actual, ASSERTION_TEXT_MAX),
        },
      }))
    })
}

/** Observes a part of a subject that is looked up only when somebody asks for it. */
function lookUp(
  { lookups, observed }: RecordedPart,
  subject: string,
  key: string,
  timeBox: ReturnType<typeof createTimeBox>,
): void {
  const find = lookups.get(subject)
  if (!find) return
  try {
    const value = timeBox.run(() => find(key))?.value
    if (value !== undefined) observed.set(subjectName(subject, key), value)
  } catch {
    // What was received is not what the path asks about, such as no JSON: nothing was observed.
  }
}

const isBroken = ({ level, held, excluded }: Assertion): boolean =>
  level === 'must' && !held && excluded === undefined

function firstBroken(
  judged: readonly Judged[],
  assertions: readonly Assertion[],
): RunError | undefined {
  const [index, ...others] = assertions.flatMap((assertion, i) => (isBroken(assertion) ? [i] : []))
  const assertion = index === undefined ? undefined : assertions[index]
  const broken = index === undefined ? undefined : judged[index]
  if (!assertion || !broken) return undefined
  const { subject, expected, actual, part: partName } = assertion
  const where = partName === undefined ? '' : `${partName}: `
  const explained = broken.part.explanations.get(subject)?.(assertion)
  if (explained) return { ...explained, message: `${where}${explained.message}` }
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  return {
    type: 'assertion',
    message: `${where}${subject}: expected ${expected}, got ${actual}${more}`,
  }
}

const excludeTimes = (assertion: Assertion, excluded: (subject: string) => string | undefined) => {
  const reason = excluded(assertion.subject)
  return reason === undefined ? assertion : { ...assertion, excluded: reason }
}

function verdictOf(error: RunError | undefined, assertions: readonly Assertion[]): Verdict {
  if (error) return error.type.startsWith('probe.') ? 'probe_fault' : 'failed'
  const counts = ({ held, excluded }: Assertion) => held || excluded !== undefined
  return assertions.every(counts) ? 'passed' : 'degraded'
}

function maskOutcome(outcome: RunOutcome, mask: Mask): RunOutcome {
  const { error } = outcome
  const masked = maskDeep({ ...outcome, artifacts: [] }, mask) as RunOutcome
  return {
    ...masked,
    ...(error && {
      error: { type: error.type, message: clip(mask(error.message), MESSAGE_LENGTH_MAX) },
    }),
    artifacts: outcome.artifacts,
  }
}

function maskDeep(value: unknown, mask: Mask): unknown {
  if (typeof value === 'string') return mask(value)
  if (Array.isArray(value)) return value.map((item) => maskDeep(item, mask))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, maskDeep(inner, mask)]),
  )
}
