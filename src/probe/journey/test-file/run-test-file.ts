import { dirname, join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type {
  FullConfig,
  Reporter,
  Suite,
  TestCase,
  TestError,
} from 'playwright/types/testReporter'
import type { Clock } from '../../../base/clock.ts'
import type { BrowserRecord } from '../../../protocol/run.ts'
import { waitFor, within } from '../../../runtime/deadline.ts'
import { createMask } from '../../../runtime/mask-secrets.ts'
import { type DocumentTrouble, describeError, withDocumentTrouble } from '../host/describe-error.ts'
import { createRunReport, type RunReport } from '../host/run-report.ts'
import { SCREENSHOT_MS_MAX } from '../host/take-screenshot.ts'
import { overrunMessage } from '../judge-run-end.ts'
import type { HostMessage, ReportedError, RunOrder, TestFileOrder } from '../messages.ts'
import {
  describeLoadError,
  describeToldError,
  sourceOfFile as sourceOf,
  tellError,
} from './describe-test-error.ts'
import { findConfig } from './find-config.ts'
import { mergeBrowserRecords } from './merge-browser-records.ts'
import { locationOf, overridesOf } from './override-config.ts'
import { variablesOf } from './pass-variables.ts'
import type { LoadedConfig, PlaywrightRunner } from './playwright-runner.ts'
import { createTestRecorder, type ReportedTest, type TestRecorder } from './record-tests.ts'
import type { WorkerMessage } from './worker-channel.ts'

/**
 * One run of a test file:
 *
 * 1. Give the check's params and secrets to the process, load the Playwright config that is nearest to the
 *    file, and put above it what the check and the probe say. What goes wrong here is `journey.script`.
 * 2. Say `started`: the deadline runs. A global set-up is part of the run; workers and browsers are not.
 * 3. Let Playwright's runner run the file, and turn what it reports into steps.
 * 4. Its end or the deadline, whichever comes first, is the run's. At the deadline the workers take a last
 *    picture; the processes are ended by the supervisor.
 */

export type TestFileRunParts = {
  runner: PlaywrightRunner
  clock: Clock
  send(message: HostMessage): void
  /** A folder for what Playwright writes. */
  outputDir: string
  /** Asks the workers for their last words, which come as messages. */
  wrapUpWorkers(): void
}

export type TestFileRun = {
  hear(message: WorkerMessage): void
  /** Resolves when the run has its end and everything is told. */
  run(): Promise<void>
}

export type TestFileRunOrder = RunOrder & { testFile: TestFileOrder }

/** Shortest look at the clock while the tests' time stands still. */
const DEADLINE_STEP_MS = 20

export function createTestFileRun(order: TestFileRunOrder, parts: TestFileRunParts): TestFileRun {
  const { clock } = parts
  const report = createRunReport(order.runId, createMask(order.secrets), parts.send)
  const seen = createWorkerView(report)
  const watch = createRunWatch(order, { report, clock, explain: seen.explain })

  async function load(): Promise<LoadedConfig | undefined> {
    try {
      Object.assign(process.env, variablesOf(order))
      return await loadConfig(order, watch.reporter, parts)
    } catch (error) {
      const { message: said, stack = '' } =
        error instanceof Error ? error : { message: String(error) }
      const message = describeLoadError(
        tellError({ message: said, stack }, sourceOf),
        order.file,
        sourceOf,
      )
      report.finished(0, { type: 'journey.script', message })
      return undefined
    }
  }

  async function run(): Promise<void> {
    const config = await load()
    if (!config) return
    report.loaded()
    if (config.webServers.length > 0) {
      config.webServers = []
      report.log(NO_WEB_SERVER)
    }
    report.started()
    const isOver = new AbortController()
    const ending = await Promise.race([
      parts.runner
        .runTests(config, {
          locations: [locationOf(order.file)],
          projectFilter: order.testFile.projects,
        })
        .then(
          () => 'ended' as const,
          (error: unknown) => ({ thrown: error }),
        ),
      deadline(isOver.signal),
    ])
    isOver.abort()
    let error = ending === 'deadline' ? await endAtDeadline() : watch.error()
    if (typeof ending === 'object')
      error ??= { type: 'journey.script', message: describeError(ending.thrown) }
    watch.endAll(error)
    describeBrowser()
    const measuredMs = Math.min(order.timeoutMs, watch.nowMs())
    report.finished(measuredMs, seen.error() ?? error)
  }

  async function deadline(over: AbortSignal): Promise<'deadline'> {
    const startedAt = clock.monotonic()
    const leftMs = () => order.timeoutMs - (clock.monotonic() - startedAt - watch.stoodMs())
    while (leftMs() > 0 && !over.aborted && order.isDebugged !== true)
      await waitFor(Math.max(DEADLINE_STEP_MS, leftMs()), over)
    if (order.isDebugged) return new Promise(() => undefined)
    return 'deadline'
  }

  async function endAtDeadline(): Promise<ReportedError> {
    const { step, action } = watch.underWay()
    report.deadline()
    parts.wrapUpWorkers()
    await within(SCREENSHOT_MS_MAX, seen.wrappedUp)
    const overrun = overrunMessage(step, order.timeoutMs)
    const message = seen.explain(action === undefined ? overrun : `${overrun}: ${action}`)
    return { type: 'timeout', message }
  }

  function describeBrowser(): void {
    if (seen.records.length === 0) return
    const onTimeline = <T extends { atMs: number }>(moment: T): T => {
      const step = watch.stepAt(moment.atMs)
      return { ...moment, atMs: watch.at(moment.atMs), ...(step !== undefined && { step }) }
    }
    const records = seen.records.map((record) => ({
      ...record,
      pages: record.pages.map(onTimeline),
      failedRequests: record.failedRequests.map(onTimeline),
      console: record.console.map(onTimeline),
    }))
    report.browser(mergeBrowserRecords(records, watch.stoodMs()))
  }

  return {
    run,
    hear(message) {
      if (message.kind === 'picture') report.screenshot(watch.underWay().step?.name)
      else seen.hear(message)
    },
  }
}

const NO_WEB_SERVER =
  'the webServer of the Playwright config was not started: a check looks at what runs already'

async function loadConfig(
  order: TestFileRunOrder,
  reporter: Reporter,
  { runner, outputDir }: TestFileRunParts,
): Promise<LoadedConfig> {
  const { file, testFile } = order
  const config = findConfig(file, testFile.probesFolder)
  // Paths in test files are often relative to where `playwright test` is called.
  process.chdir(dirname(config ?? file))
  return runner.loadConfig(config ?? dirname(file), overridesOf(order, { outputDir, reporter }))
}

/** What the workers told of their browsers. */
function createWorkerView(report: RunReport) {
  const records: BrowserRecord[] = []
  const wrappedUp = Promise.withResolvers<void>()
  let attempt: string | undefined
  let browserFailure: string | undefined
  let hasCrashed = false
  let trouble: DocumentTrouble | undefined
  return {
    records,
    wrappedUp: wrappedUp.promise,
    hear(message: WorkerMessage): void {
      if (message.kind === 'log') report.log(message.line)
      if (message.kind === 'attempt') attempt = message.attempt
      if (message.kind === 'browser_failed') browserFailure ??= message.message
      if (message.kind === 'browser_gone')
        browserFailure ??= 'Chromium ended before the test file did'
      if (message.kind === 'page_crashed') hasCrashed = true
      if (message.kind === 'wrapped_up') wrappedUp.resolve()
      if (message.kind !== 'context') return
      records.push(message.record)
      trouble = message.trouble
    },
    /** Puts what the page's document answered before a failure; known when the test's context was closed. */
    explain: (message: string) => withDocumentTrouble(message, trouble),
    /** What counts more than how the tests went. */
    error(): ReportedError | undefined {
      if (attempt !== undefined) return { type: 'journey.forbidden_request', message: attempt }
      if (browserFailure !== undefined)
        return { type: 'probe.browser_crashed', message: browserFailure }
      return hasCrashed ? { type: 'journey.page_crashed', message: 'the page crashed' } : undefined
    },
  }
}

type WatchParts = {
  report: RunReport
  clock: Clock
  explain(message: string): string
}

/** Follows Playwright's runner: before its tests begin, what it says is of the file. */
function createRunWatch(order: TestFileRunOrder, { report, clock, explain }: WatchParts) {
  const errors: TestError[] = []
  let recorder: TestRecorder | undefined
  let root: Suite | undefined
  let config: FullConfig | undefined
  let hasProjects = false

  const describe = (error: TestError) => describeToldError(tellError(error, sourceOf), sourceOf)
  const asReported = (test: TestCase): ReportedTest => ({
    id: test.id,
    expectedStatus: test.expectedStatus,
    annotations: test.annotations,
    titles: titlesOf(test, hasProjects),
  })
  const keepOutput = (chunk: string | Buffer) => {
    for (const line of stripVTControlCharacters(String(chunk)).split('\n'))
      if (line.trim() !== '') report.log(line)
  }

  const reporter: Reporter = {
    onBegin(loaded, suite) {
      config = loaded
      root = suite
      const tests = suite.allTests()
      // Where no file could be loaded, the reporter is told that it begins all the same.
      if (tests.length === 0) return
      hasProjects = new Set(tests.map((test) => test.parent.project()?.name)).size > 1
      const now = () => clock.now()
      recorder = createTestRecorder({ report, testCount: tests.length, now, describe, explain })
    },
    onTestBegin: (test) => recorder?.testBegan(asReported(test)),
    onStepBegin: (test, _, step) => recorder?.stepBegan(asReported(test), step),
    onStepEnd: (test, _, step) => recorder?.stepEnded(asReported(test), step),
    onTestEnd: (test, result) => recorder?.testEnded(asReported(test), result),
    onStdOut: keepOutput,
    onStdErr: keepOutput,
    onError: (error) => void errors.push(error),
    onEnd() {
      for (const test of root?.allTests() ?? [])
        if (test.results.length === 0) recorder?.testMissed(asReported(test), NOT_RUN)
    },
    printsToStdio: () => true,
  }

  /** What was thrown outside of any test. */
  function errorOutside(): ReportedError | undefined {
    // That there are no tests is also said where none could be loaded.
    const causes = errors.filter((error) => !isNoTests(error))
    const told = causes.length > 0 ? causes : errors
    const [first] = told
    if (!first) return undefined
    const all = told.map(describe).join('\n')
    if (recorder) return { type: 'journey.step', message: `outside any test: ${all}` }
    const setUp = config?.globalSetup
    if (setUp && first.stack?.includes(setUp))
      return { type: 'journey.step', message: `in the global set-up: ${all}` }
    const message = told
      .map((error) => describeLoadError(tellLoadError(error, order), order.file, sourceOf))
      .join('\n')
    return { type: 'journey.script', message }
  }

  return {
    reporter,
    error(): ReportedError | undefined {
      const [failure, ...others] = recorder?.failures() ?? []
      if (!failure) return errorOutside()
      const more = others.map(({ message }) => `\n${message}`).join('')
      return { type: failure.type, message: `${failure.message}${more}` }
    },
    underWay: () => recorder?.underWay() ?? { step: undefined, action: undefined },
    stepAt: (instant: number) => recorder?.stepAt(instant),
    at: (instant: number) => recorder?.timeline.at(instant) ?? 0,
    nowMs: () => recorder?.timeline.at(clock.now()) ?? 0,
    stoodMs: () => recorder?.timeline.stoodMs(clock.now()) ?? 0,
    endAll: (error: ReportedError | undefined) =>
      recorder?.endAll(error?.message ?? 'the run ended first'),
  }
}

const NOT_RUN = 'it did not run, because what it depends on failed'

/** Titles of its describe blocks and its own, with the project in front where there are several. */
function titlesOf(test: TestCase, hasProjects: boolean): string[] {
  const [, project = '', , ...titles] = test.titlePath()
  return hasProjects && project !== ''
    ? [`[${project}] ${titles[0] ?? ''}`, ...titles.slice(1)]
    : titles
}

/** Playwright's words for a pattern that matches nothing are of its command line. */
export function tellLoadError(
  error: TestError,
  { file, testFile }: Pick<TestFileRunOrder, 'file' | 'testFile'>,
) {
  const reason = tellError(error, sourceOf)
  if (!isNoTests(error)) return reason
  const config = findConfig(file, testFile.probesFolder)
  const where = config ? relative(testFile.probesFolder, config) : undefined
  return {
    place: undefined,
    message:
      where === undefined
        ? 'there is no test in it'
        : `no project of ${where} has a test in this file (see its testDir, testMatch and grep)`,
  }
}

const isNoTests = ({ message = '' }: TestError) => /^(?:Error: )?No tests found/.test(message)

export const outputFolder = (hostFolder: string) => join(hostFolder, 'output')
