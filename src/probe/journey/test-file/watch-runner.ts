import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type {
  FullConfig,
  Reporter,
  Suite,
  TestCase,
  TestError,
} from 'playwright/types/testReporter'
import type { Clock } from '../../../base/clock.ts'
import type { RunReport } from '../host/run-report.ts'
import type { ReportedError } from '../messages.ts'
import {
  describeLoadError,
  describeToldError,
  sourceOfFile as sourceOf,
  type ToldError,
  tellError,
} from './describe-test-error.ts'
import { findConfig } from './find-config.ts'
import { createTestRecorder, type ReportedTest, type TestRecorder } from './record-tests.ts'

/** A test file, and the folder up to which its config is looked for; both absolute. */
export type TestFilePlace = { file: string; probesFolder: string }

type WatchParts = {
  report: Pick<RunReport, 'step' | 'log'>
  clock: Clock
  explain(message: string): string
  /** The tests are loaded. */
  onBegin(): void
}

/** Follows Playwright's runner: before its tests begin, what it says is of the file. */
export function watchRunner(where: TestFilePlace, { report, clock, explain, onBegin }: WatchParts) {
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
      onBegin()
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
    const told = causesOf(errors)
    const [first] = told
    if (!first) return undefined
    const all = told.map(describe).join('\n')
    if (recorder) return { type: 'journey.step', message: `outside any test: ${all}` }
    const setUp = config?.globalSetup
    if (setUp && first.stack?.includes(setUp))
      return { type: 'journey.step', message: `in the global set-up: ${all}` }
    const message = told.map((error) => loadErrorText(error, where)).join('\n')
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
    picturedStep: () => recorder?.picturedStep(),
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

/** Reads an error that kept the tests from being loaded. */
export function tellLoadError(error: TestError, { file, probesFolder }: TestFilePlace): ToldError {
  // Playwright's own words are about its command line.
  if (!isNoTests(error)) {
    const told = tellError(error, sourceOf)
    return { ...told, message: told.message.replace(BY_COMMAND_LINE, ' in a check') }
  }
  const config = findConfig(file, probesFolder)
  const name = config && relative(probesFolder, config)
  const message = name
    ? `no project of ${name} has a test in this file (see its testDir, testMatch and grep)`
    : 'there is no test in it'
  return { place: undefined, message }
}

const loadErrorText = (error: TestError, where: TestFilePlace) =>
  describeLoadError(tellLoadError(error, where), where.file, sourceOf)

/** The same of anything thrown while they were loaded. */
export function loadErrorOf(thrown: unknown, where: TestFilePlace): ReportedError {
  const { message, stack = '' } = thrown instanceof Error ? thrown : { message: String(thrown) }
  return { type: 'journey.script', message: loadErrorText({ message, stack }, where) }
}

/** Those that are causes: that there are no tests is also said where none could be loaded. */
export function causesOf(errors: readonly TestError[]): readonly TestError[] {
  const causes = errors.filter((error) => !isNoTests(error))
  return causes.length > 0 ? causes : errors
}

const BY_COMMAND_LINE = " due to the '--forbid-only' CLI flag"

const isNoTests = ({ message = '' }: TestError) => /^(?:Error: )?No tests found/.test(message)
