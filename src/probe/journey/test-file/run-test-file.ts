import { dirname, join } from 'node:path'
import type { Reporter } from 'playwright/types/testReporter'
import type { Clock } from '../../../base/clock.ts'
import { waitFor, within } from '../../../runtime/deadline.ts'
import { createMask } from '../../../runtime/mask-secrets.ts'
import { createRunReport } from '../host/run-report.ts'
import { overrunMessage } from '../judge-run-end.ts'
import {
  DEADLINE_SCREENSHOT_MS,
  type HostMessage,
  RECORDING_MS_MAX,
  type ReportedError,
  type RunOrder,
  type TestFileOrder,
} from '../messages.ts'
import { findConfig } from './find-config.ts'
import type { InstrumentOrder } from './instrument.ts'
import { mergeBrowserRecords } from './merge-browser-records.ts'
import { locationOf, overridesOf } from './override-config.ts'
import { variablesOf } from './pass-variables.ts'
import type { LoadedConfig, PlaywrightRunner } from './playwright-runner.ts'
import { loadErrorOf, type TestFilePlace, watchRunner } from './watch-runner.ts'
import type { WorkerMessage } from './worker-channel.ts'
import { createWorkerView } from './worker-view.ts'

/**
 * One run of a test file:
 *
 * 1. Give the check's params and secrets to the process, load the Playwright config that is nearest to the
 *    file, and put above it what the check and the probe say. What goes wrong here is `journey.script`.
 * 2. Let Playwright's runner run the file, and turn what it reports into steps.
 * 3. Say `started` when the tests are loaded, or before the global set-up where there is one: the deadline
 *    runs. Workers and browsers are no part of its time.
 * 4. Its end or the deadline, whichever comes first, is the run's. At the deadline the workers take a last
 *    picture; the processes are ended by the supervisor.
 */

export type TestFileRunParts = {
  runner: PlaywrightRunner
  clock: Clock
  send(message: HostMessage): void
  /** A folder for what Playwright writes. */
  outputDir: string
  /** Says why no connection was made, where the browser's words hide it. */
  explain(text: string): string
  /** Asks the workers for their last words, which come as messages. */
  wrapUpWorkers(): void
}

export type TestFileRun = {
  /** What the next worker is told: pictures go on being counted, and once a failure is recorded nothing else is. */
  orderOfWorker(order: InstrumentOrder): InstrumentOrder
  hear(message: WorkerMessage): void
  /** Resolves when the run has its end and everything is told. */
  run(): Promise<void>
}

export type TestFileRunOrder = RunOrder & { testFile: TestFileOrder }

/** The picture at the deadline, and its way from the worker; the supervisor waits little longer. */
const LAST_PICTURE_MS = DEADLINE_SCREENSHOT_MS + 150
/** Shortest look at the clock while the tests' time stands still. */
const DEADLINE_STEP_MS = 20

export function createTestFileRun(order: TestFileRunOrder, parts: TestFileRunParts): TestFileRun {
  const { clock } = parts
  const report = createRunReport(order.runId, createMask(order.secrets), parts.send)
  const where: TestFilePlace = { file: order.file, probesFolder: order.testFile.probesFolder }
  const seen = createWorkerView(report)
  const begun = Promise.withResolvers<void>()
  let hasBegun = false
  let stepPictures = 0
  const begin = () => {
    if (hasBegun) return
    hasBegun = true
    report.loaded()
    report.started()
    begun.resolve()
  }
  const explain = (text: string) => parts.explain(seen.explain(text))
  const watch = watchRunner(where, { report, clock, explain, onBegin: begin })

  async function load(): Promise<LoadedConfig | undefined> {
    try {
      Object.assign(process.env, variablesOf(order))
      return await loadConfig(order, watch.reporter, parts)
    } catch (error) {
      report.finished(0, loadErrorOf(error, where))
      return undefined
    }
  }

  async function run(): Promise<void> {
    const config = await load()
    if (!config) return
    if (config.webServers.length > 0) {
      config.webServers = []
      report.log(NO_WEB_SERVER)
    }
    if (config.globalSetups.length > 0) begin()
    const options = {
      locations: [locationOf(order.file)],
      projectFilter: order.testFile.projects,
    }
    const isOver = new AbortController()
    const ending = await Promise.race([
      parts.runner.runTests(config, options).then(
        () => ({ error: watch.error() }),
        (thrown: unknown) => ({ error: watch.error() ?? loadErrorOf(thrown, where) }),
      ),
      deadline(isOver.signal),
    ])
    isOver.abort()
    const error = ending === 'deadline' ? await endAtDeadline() : ending.error
    watch.endAll(error)
    if (seen.records.length > 0) report.browser(mergeBrowserRecords(seen.records, watch))
    if (order.recording) report.recorded(seen.recorded() ?? NOTHING_RECORDED)
    const measuredMs = Math.min(order.timeoutMs, watch.nowMs())
    report.finished(measuredMs, seen.judge(error))
  }

  async function deadline(over: AbortSignal): Promise<'deadline'> {
    await begun.promise
    const startedAt = clock.monotonic()
    const leftMs = () => order.timeoutMs - (clock.monotonic() - startedAt - watch.stoodMs())
    while (!over.aborted && (order.isDebugged === true || leftMs() > 0))
      await waitFor(Math.max(DEADLINE_STEP_MS, leftMs()), over)
    return 'deadline'
  }

  async function endAtDeadline(): Promise<ReportedError> {
    const { step, action } = watch.underWay()
    report.deadline()
    parts.wrapUpWorkers()
    await within(order.recording ? RECORDING_MS_MAX : LAST_PICTURE_MS, seen.wrappedUp)
    const overrun = overrunMessage(step, order.timeoutMs)
    const message = explain(action === undefined ? overrun : `${overrun}: ${action}`)
    return { type: 'timeout', message }
  }

  return {
    orderOfWorker: ({ recording, ...order }) => ({
      ...order,
      stepPictures,
      ...(seen.recorded()?.hasFailed !== true && { recording }),
    }),
    run,
    hear(message) {
      if (message.kind === 'picture') report.screenshot(watch.picturedStep())
      else if (message.kind === 'step_picture') {
        stepPictures++
        report.picture(message.name, watch.picturedStep() ?? '')
      } else seen.hear(message)
    },
  }
}

const NOTHING_RECORDED = {
  names: [],
  notes: ['nothing was recorded: no browser context came to its end'],
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

export const outputFolder = (hostFolder: string) => join(hostFolder, 'output')
