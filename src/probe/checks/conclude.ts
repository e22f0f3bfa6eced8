import { messageOf } from '../../base/app-error.ts'
import type { ProbedCheck } from '../../protocol/check.ts'
import type { Assertion, Expectation } from '../../protocol/expectation.ts'
import { NAME_LENGTH_MAX } from '../../protocol/ids.ts'
import {
  judgeExpectations,
  PATTERN_MS_MAX,
  type SubjectValue,
  subjectName,
} from '../../protocol/judge-expectations.ts'
import {
  ARTIFACTS_MAX,
  ASSERTIONS_MAX,
  MESSAGE_LENGTH_MAX,
  type Quality,
  type RunError,
  type Step,
  type Verdict,
} from '../../protocol/run.ts'
import { type Mask, maskPairs } from '../../runtime/mask-secrets.ts'
import { type JudgedQuality, judgeQuality } from '../judge-quality.ts'
import { type ArtifactFile, CheckError } from './check-runner.ts'
import { isProbeFault } from './classify-error.ts'
import { saveEvidence } from './evidence-file.ts'
import { durationOf, mergeMeasured } from './measure-addresses.ts'
import { clip, type RecordedPart } from './record-findings.ts'
import type { Measured, RunOutcome } from './run-check.ts'
import { createTimeBox, type TimeBox } from './time-box.ts'

/** Longest text of an assertion. */
const ASSERTION_TEXT_MAX = 500

type ConcludeContext = { runId: string; tempFolder: string; quality: Quality }

/**
 * Makes a run of what was measured: compares it with what is expected, judges the probe before the
 * target, gives the verdict, and masks what is secret.
 */
export async function conclude(
  check: ProbedCheck,
  measured: readonly Measured[],
  context: ConcludeContext,
): Promise<RunOutcome> {
  const durationMs = Math.max(0, ...measured.map(durationOf))
  const judgedQuality = judgeQuality(context.quality, durationMs, check.kind)
  const { quality, excuseTimeout } = judgedQuality
  const judged = measured
    .flatMap((one) => judgeMeasured(check, one))
    .map((one) => excuse(one, judgedQuality))
  const assertions = judged.map(({ assertion }) => assertion)
  const explained = measured.map((one) => ({
    ...one,
    broken: one.broken && excuseTimeout(one.broken, one),
  }))
  const isAsItMust = ({ broken, address }: Measured) =>
    !broken && !judged.some((one) => one.address === address && isBroken(one))
  const { recorded, broken } = mergeMeasured(explained, isAsItMust)
  const error = errorOf(explained, broken, judged)
  const outcome: RunOutcome = {
    verdict: verdictOf(error, assertions, recorded.steps),
    ...(error && { error }),
    phases: recorded.phases,
    steps: recorded.steps.map((step) => withBroken(step, judged)),
    assertions: withinLimit(assertions),
    facts: recorded.facts,
    log: recorded.log,
    artifacts: recorded.artifacts,
    ...(recorded.browser && { browser: recorded.browser }),
    ...(recorded.exchanges.length > 0 && { exchanges: recorded.exchanges }),
    durationMs,
    quality,
    ...(recorded.scriptHash !== undefined && { scriptHash: recorded.scriptHash }),
  }
  const mask = maskPairs([...recorded.secrets].map(([value, name]) => [name, value]))
  const artifact =
    outcome.verdict === 'passed' || recorded.evidence.length === 0
      ? undefined
      : await saveEvidence(
          recorded.evidence.map((exchange) => exchange()),
          { ...context, mask },
        )
  const whole = artifact ? withArtifact(outcome, artifact) : outcome
  return recorded.secrets.size === 0 ? clipError(whole) : maskOutcome(whole, mask)
}

const withArtifact = (outcome: RunOutcome, artifact: ArtifactFile): RunOutcome => ({
  ...outcome,
  artifacts: [...outcome.artifacts.slice(0, ARTIFACTS_MAX - 1), artifact],
})

/** Those that do not hold before others, in the order that they had. */
function withinLimit(assertions: Assertion[]): Assertion[] {
  if (assertions.length <= ASSERTIONS_MAX) return assertions
  const byWorth = assertions.toSorted((a, b) => Number(a.held) - Number(b.held))
  const kept = new Set(byWorth.slice(0, ASSERTIONS_MAX))
  return assertions.filter((assertion) => kept.has(assertion))
}

/**
 * What makes the run fail. Where it has several addresses, one that this probe cannot reach is not
 * known; it does not excuse another that is not as it must be. A time-out of ours leaves unknown what
 * must hold, and so does not pass either.
 */
function errorOf(
  measured: readonly Measured[],
  broken: RunError | undefined,
  judged: readonly Judged[],
): RunError | undefined {
  if (broken && !isProbeFault(broken)) return broken
  const unknown = new Set(measured.filter((one) => one.broken).map(({ address }) => address))
  const known = judged.filter(({ address }) => !unknown.has(address))
  return firstBroken(known) ?? broken ?? known.find(({ fault }) => fault)?.fault
}

/** One assertion, and what explains it when it is broken. */
type Judged = {
  assertion: Assertion
  part: RecordedPart
  address: string | undefined
  /** By how much a number is over its limit; 0 for whatever has none. */
  over: number
  /** How long the part of the run took that found it out. */
  wallMs: number
  /** Why it is not known whether it holds, where it must: a time-out that was ours. */
  fault?: RunError | undefined
}

/** Of a run that broke off, only what it observed can be judged; the rest is not known. */
function judgeMeasured(
  { expectations }: ProbedCheck,
  { recorded, broken, address, wallMs }: Measured,
): Judged[] {
  const timeBox = createTimeBox()
  const about = (expectation: Expectation): RecordedPart =>
    (expectation.part === undefined ? undefined : recorded.parts.get(expectation.part)) ?? recorded
  for (const expectation of expectations) lookUp(about(expectation), expectation, timeBox)
  return expectations
    .filter((one) => !broken || about(one).observed.has(subjectName(one.subject, one.key)))
    .slice(0, ASSERTIONS_MAX)
    .flatMap((expectation) => {
      const part = about(expectation)
      const isObserved = expectation.part === undefined || recorded.parts.has(expectation.part)
      const observed = isObserved ? part.observed : new Map()
      return judgeExpectations([expectation], observed, timeBox.tryPattern)
        .map((assertion) => unlessUnknown(unlessUnreadable(assertion, part), part))
        .map((assertion) => ({
          part,
          address,
          wallMs,
          over: overLimit(expectation, observed.get(assertion.subject)),
          assertion: {
            ...assertion,
            ...(address !== undefined && { part: address }),
            expected: clip(assertion.expected, ASSERTION_TEXT_MAX),
            actual: clip(assertion.actual, ASSERTION_TEXT_MAX),
          },
        }))
    })
}

/** Observes what is looked up only when somebody asks for it. */
function lookUp(
  { lookups, observed, unreadable }: RecordedPart,
  { subject, key }: Expectation,
  timeBox: TimeBox,
): void {
  const find = lookups.get(subject)
  const name = subjectName(subject, key)
  if (!find || observed.has(name)) return
  try {
    const found = timeBox.run(() => find(key ?? ''))
    if (!found)
      unreadable.set(name, `nothing within ${PATTERN_MS_MAX} ms, when the search was ended`)
    else if (found.value !== undefined) observed.set(name, found.value)
  } catch (error) {
    if (error instanceof CheckError && isProbeFault(error)) throw error
    // What was received is not what the path asks about, such as no JSON.
    unreadable.set(name, messageOf(error))
  }
}

/** What could not be looked up is not known to be absent, either. */
const unlessUnreadable = (assertion: Assertion, { unreadable }: RecordedPart): Assertion => {
  const reason = unreadable.get(assertion.subject)
  return reason === undefined ? assertion : { ...assertion, held: false, actual: reason }
}

/** What nobody could tell holds nothing and breaks nothing, not even that it be absent. */
const unlessUnknown = (assertion: Assertion, { unknown }: RecordedPart): Assertion => {
  const reason = unknown.get(assertion.subject)
  return reason === undefined
    ? assertion
    : { ...assertion, held: false, excluded: clip(reason, ASSERTION_TEXT_MAX) }
}

const isBroken = ({ assertion: { level, held, excluded } }: Judged): boolean =>
  level === 'must' && !held && excluded === undefined

function firstBroken(judged: readonly Judged[]): RunError | undefined {
  const [first, ...others] = judged.filter(isBroken)
  if (!first) return undefined
  const { subject, part } = first.assertion
  const { type, message } = explainBroken(first)
  const where = part === undefined ? '' : `${part}: `
  const isExplained = first.part.explanations.has(subject)
  const more = others.length > 0 && !isExplained ? ` (and ${others.length} more)` : ''
  return { type, message: `${where}${message}${more}` }
}

function explainBroken({ assertion, part }: Judged): RunError {
  const { subject, expected, actual } = assertion
  const explained = part.explanations.get(subject)?.(assertion)
  return (
    explained ?? { type: 'assertion', message: `${subject}: expected ${expected}, got ${actual}` }
  )
}

/** A step has failed when its part of the run is not as it must be; the part is named like it. */
function withBroken(step: Step, judged: readonly Judged[]): Step {
  if (step.status !== 'passed') return step
  const broken = judged.find((one) => one.assertion.part === step.name && isBroken(one))
  return broken ? { ...step, status: 'failed', error: explainBroken(broken).message } : step
}

/** What the probe's own delay may have broken does not count; what is broken by more than that does. */
function excuse(judged: Judged, { excluded, excuseTimeout }: JudgedQuality): Judged {
  const { assertion, over } = judged
  if (assertion.held || assertion.excluded !== undefined) return judged
  const reason = excluded(assertion.subject, over)
  if (reason !== undefined) return { ...judged, assertion: { ...assertion, excluded: reason } }
  const explained = explainBroken(judged)
  const fault = excuseTimeout(explained, judged)
  if (fault === explained) return judged
  return {
    ...judged,
    assertion: { ...assertion, excluded: clip(fault.message, ASSERTION_TEXT_MAX) },
    ...(assertion.level === 'must' && { fault }),
  }
}

function overLimit({ matcher: { max } }: Expectation, value: SubjectValue | undefined): number {
  return typeof value === 'number' && max !== undefined ? Math.max(0, value - max) : 0
}

function verdictOf(
  error: RunError | undefined,
  assertions: readonly Assertion[],
  steps: readonly Step[],
): Verdict {
  if (error) return isProbeFault(error) ? 'probe_fault' : 'failed'
  if (steps.some(({ status }) => status === 'degraded')) return 'degraded'
  const counts = ({ held, excluded }: Assertion) => held || excluded !== undefined
  return assertions.every(counts) ? 'passed' : 'degraded'
}

function clipError(outcome: RunOutcome): RunOutcome {
  const { error } = outcome
  if (!error) return outcome
  return { ...outcome, error: { ...error, message: clip(error.message, MESSAGE_LENGTH_MAX) } }
}

function maskOutcome(outcome: RunOutcome, mask: Mask): RunOutcome {
  const { artifacts, error, ...rest } = outcome
  const masked = maskDeep(rest, mask) as RunOutcome
  const shown = error && { ...error, message: mask(error.message) }
  return clipError({ ...masked, ...(shown && { error: shown }), artifacts })
}

/** The name of a secret may be longer than its value; the text keeps to the limit that it kept to. */
function maskDeep(value: unknown, mask: Mask): unknown {
  if (typeof value === 'string') return clip(mask(value), Math.max(value.length, NAME_LENGTH_MAX))
  if (Array.isArray(value)) return value.map((item) => maskDeep(item, mask))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, maskDeep(inner, mask)]),
  )
}
