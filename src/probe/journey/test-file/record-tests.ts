import type { TestCase, TestError, TestResult, TestStep } from 'playwright/types/testReporter'
import type { RunReport } from '../host/run-report.ts'
import type { OpenStep } from '../judge-run-end.ts'
import type { ReportedError } from '../messages.ts'
import { createNetTimeline, type NetTimeline } from './net-timeline.ts'
import { createStepLedger, type LedgerEntry, type StepEnd } from './step-ledger.ts'

/** As much of a step of Playwright's reporter as is read. */
export type ReportedStep = Pick<
  TestStep,
  'category' | 'title' | 'startTime' | 'duration' | 'error' | 'location' | 'annotations'
> & { parent?: ReportedStep | undefined }

/** As much of a test. */
export type ReportedTest = Pick<TestCase, 'id' | 'expectedStatus' | 'annotations'> & {
  /** Titles of its describe blocks and its own; in front the project, where there are several. */
  titles: readonly string[]
}

export type ReportedResult = Pick<TestResult, 'status' | 'startTime' | 'duration' | 'errors'>

/**
 * The tests of one run as steps of a journey, in the order in which they began:
 *
 * - A test is an outermost step, and its `test.step`s are inside it. When there is one test only, its
 *   `test.step`s are the outermost ones, and the test is a step only as long as it has none.
 * - Actions and expectations are no steps; they name what was under way.
 * - Times are the user's: workers, browsers, and the fixtures that Playwright makes of them, are not in them.
 */
export type TestRecorder = {
  testBegan(test: ReportedTest): void
  stepBegan(test: ReportedTest, step: ReportedStep): void
  stepEnded(test: ReportedTest, step: ReportedStep): void
  testEnded(test: ReportedTest, result: ReportedResult): void
  /** A test that never ran, and why. */
  testMissed(test: ReportedTest, reason: string): void
  /** What is under way: the innermost step, and the action in it. */
  underWay(): { step: OpenStep | undefined; action: string | undefined }
  /** What a picture that was just taken shows: the step that failed, else what is under way, else what was last. */
  picturedStep(): string | undefined
  /** The name of the step that an instant lies in, epoch milliseconds. */
  stepAt(instant: number): string | undefined
  /** Ends what is still open, as failed with this error. */
  endAll(error: string): void
  failures(): readonly ReportedError[]
  timeline: Pick<NetTimeline, 'at' | 'stoodMs'>
}

export type RecorderParts = {
  report: Pick<RunReport, 'step' | 'log'>
  /** How many tests the run has. */
  testCount: number
  /** Epoch milliseconds. */
  now(): number
  /** The text of an error for people, with its place. */
  describe(error: TestError): string
  /** Told when a test has failed, before the failure is put into words; gives what stands in front. */
  explain?(message: string): string
}

type RunningTest = {
  entry: LedgerEntry | undefined
  hasBegun: boolean
  /** When the last of its steps ended. */
  lastAt: number
  steps: Map<ReportedStep, LedgerEntry>
  actions: Set<ReportedStep>
}

const newTest = (): RunningTest => ({
  entry: undefined,
  hasBegun: false,
  lastAt: 0,
  steps: new Map(),
  actions: new Set(),
})

/** The fixtures in which Playwright starts and ends a browser or a part of it. */
const BROWSER_FIXTURES = ['browser', 'context', 'page', 'request'].map(
  (name) => `Fixture "${name}"`,
)

export function createTestRecorder(parts: RecorderParts): TestRecorder {
  const { report, now, describe, explain = (message) => message } = parts
  const timeline = createNetTimeline(now())
  const ledger = createStepLedger(report, timeline)
  const { entries } = ledger
  const running = new Map<string, RunningTest>()
  const failures: ReportedError[] = []
  const isSingle = parts.testCount === 1
  /** Of the test under way, the innermost that failed first. */
  let failedStep: string | undefined

  /** The tests' time begins with the first thing that a test does, not with its worker. */
  function begin(test: RunningTest, instant: number): void {
    if (test.hasBegun) return
    test.hasBegun = true
    if (test.entry) test.entry.startedAt = instant
    timeline.go(instant)
  }

  /** The entry of a step; a first one of a single test takes the place of the test's own. */
  function openStep(test: RunningTest, step: ReportedStep): LedgerEntry {
    const startedAt = step.startTime.getTime()
    const own = test.entry
    if (isSingle && own && entries.length === 1) {
      test.entry = undefined
      return ledger.open(step.title, startedAt, { index: own.index })
    }
    const outer = outerEntry(test, step) ?? own
    return ledger.open(step.title, startedAt, outer && { parent: outer.index })
  }

  function runningTest({ id }: ReportedTest): RunningTest {
    const known = running.get(id)
    if (known) return known
    const test = newTest()
    running.set(id, test)
    return test
  }

  return {
    testBegan(reported) {
      failedStep = undefined
      const test = runningTest(reported)
      test.entry = ledger.open(nameOf(reported), now())
    },
    stepBegan(reported, step) {
      const test = runningTest(reported)
      begin(test, step.startTime.getTime())
      if (isSetUp(step)) timeline.stop(step.startTime.getTime())
      if (step.category === 'test.step') test.steps.set(step, openStep(test, step))
      if (isAction(step)) test.actions.add(step)
    },
    stepEnded(reported, step) {
      const test = runningTest(reported)
      const endedAt = step.startTime.getTime() + Math.max(0, step.duration)
      if (isSetUp(step)) timeline.go(endedAt)
      test.lastAt = Math.max(test.lastAt, endedAt)
      test.actions.delete(step)
      const entry = test.steps.get(step)
      if (!entry) return
      if (step.error) failedStep ??= entry.name
      ledger.close(entry, endedAt, endOfStep(step, describe))
    },
    testEnded(reported, result) {
      const test = runningTest(reported)
      // The duration that Playwright tells leaves some of its own work out.
      const endedAt = test.lastAt || result.startTime.getTime() + Math.max(0, result.duration)
      begin(test, endedAt)
      const end = endOfTest(reported, result, describe, explain)
      for (const entry of test.steps.values()) ledger.close(entry, endedAt, { status: end.status })
      if (test.entry) ledger.close(test.entry, endedAt, end)
      timeline.stopAll(endedAt)
      running.delete(reported.id)
      if (end.status !== 'failed') return
      const place = isSingle ? '' : `test "${nameOf(reported)}": `
      failures.push({ type: errorType(result), message: `${place}${end.error ?? ''}` })
    },
    testMissed(reported, reason) {
      const entry = ledger.open(nameOf(reported), now())
      ledger.close(entry, entry.startedAt, { status: 'skipped', reason })
    },
    underWay() {
      const entry = ledger.underWay()
      const action = [...running.values()].flatMap(({ actions }) => [...actions]).at(-1)
      return {
        step: entry && { name: entry.name, ms: timeline.at(now()) - timeline.at(entry.startedAt) },
        action: action && describeAction(action),
      }
    },
    picturedStep: () =>
      failedStep ??
      (ledger.underWay() ?? entries.findLast(({ parent }) => parent === undefined))?.name,
    stepAt: (instant) =>
      entries.findLast(
        ({ startedAt, endedAt = Infinity }) => startedAt <= instant && instant <= endedAt,
      )?.name,
    endAll: (error) => ledger.closeAll(now(), { status: 'failed', error }),
    failures: () => failures,
    timeline,
  }
}

const nameOf = ({ titles }: ReportedTest) => titles.join(' › ')

/** The nearest `test.step` around a step. */
function outerEntry({ steps }: RunningTest, { parent }: ReportedStep): LedgerEntry | undefined {
  for (let outer = parent; outer; outer = outer.parent) {
    const entry = steps.get(outer)
    if (entry) return entry
  }
  return undefined
}

/** Whether Playwright prepares or clears away; fixtures that a test file wrote by itself have a place. */
const isSetUp = ({ category, title, location }: ReportedStep) =>
  (category === 'fixture' && location === undefined && BROWSER_FIXTURES.includes(title)) ||
  (category === 'hook' && title === 'Worker Cleanup')

const isAction = ({ category }: ReportedStep) => category === 'pw:api' || category === 'expect'

function describeAction({ title, location }: ReportedStep): string {
  if (!location) return title
  const file = location.file.split(/[/\\]/).slice(-2).join('/')
  return `${title} at ${file}:${location.line}:${location.column}`
}

function endOfStep(
  { error, annotations }: ReportedStep,
  describe: RecorderParts['describe'],
): StepEnd {
  if (error) return { status: 'failed', error: describe(error) }
  const skip = annotations.find(({ type }) => type === 'skip' || type === 'fixme')
  return skip ? { status: 'skipped', reason: reasonOf(skip) } : { status: 'passed' }
}

function endOfTest(
  { expectedStatus, annotations }: ReportedTest,
  { status, errors }: ReportedResult,
  describe: RecorderParts['describe'],
  explain: (message: string) => string,
): StepEnd {
  if (status === 'skipped') {
    const skip = annotations.find(({ type }) => type === 'skip' || type === 'fixme')
    return { status: 'skipped', reason: skip ? reasonOf(skip) : 'it did not run' }
  }
  if (status === expectedStatus)
    return status === 'passed'
      ? { status: 'passed' }
      : { status: 'passed', reason: 'it failed, as it says by test.fail()' }
  if (errors.length === 0)
    return {
      status: 'failed',
      error: status === 'passed' ? 'it passed, but says by test.fail() that it fails' : status,
    }
  return { status: 'failed', error: explain(errors.map(describe).join('\n')) }
}

const reasonOf = ({ type, description }: { type: string; description?: string }) =>
  description ?? `test.${type}`

/** Errors that no page can cause, only the test's own code. */
const MISTAKE_IN_CODE = /^(?:\w*Error: )?(?:TypeError|ReferenceError|RangeError|SyntaxError): /
const WORKER_GONE = /worker process exited unexpectedly/

function errorType({ status, errors }: ReportedResult): ReportedError['type'] {
  const first = errors[0]?.message ?? ''
  if (status === 'timedOut') return 'timeout'
  return MISTAKE_IN_CODE.test(first) || WORKER_GONE.test(first) ? 'journey.script' : 'journey.step'
}
