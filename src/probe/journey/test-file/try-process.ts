import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Reporter, TestError } from 'playwright/types/testReporter'
import type { Problem } from '../../../definitions/problem.ts'
import type { TriedFile, TryOrder } from '../../try-journeys.ts'
import type { WatchdogData } from '../host/watchdog.ts'
import { problemOf, sourceOfFile } from './describe-test-error.ts'
import { findConfig } from './find-config.ts'
import { locationOf, runnerOverrides } from './override-config.ts'
import { loadPlaywrightRunner } from './playwright-runner.ts'
import { sharePlaywright } from './share-playwright.ts'
import { causesOf, type TestFilePlace, tellLoadError } from './watch-runner.ts'

/**
 * Loads files of Playwright Test as Playwright itself lists them, one after the other, and says of each what
 * is wrong with it. A process of its own: loading a file executes it, and it may do whatever it likes.
 */
const [, , folder = ''] = process.argv
const workerData: WatchdogData = { pipe: 4, folder }
new Worker(new URL('../host/watchdog.ts', import.meta.url), { workerData, env: {} })
sharePlaywright()
const runner = loadPlaywrightRunner()

process.on('message', (order: TryOrder) => {
  void findProblems(order).then((problems) => say({ file: order.file, problems }))
})
// What a file leaves behind must not end the process that others are still to be loaded in.
process.on('unhandledRejection', () => undefined)

const say = (tried: TriedFile) => void process.send?.(tried)

async function findProblems(place: TestFilePlace): Promise<Problem[]> {
  const { file, probesFolder } = place
  const errors: TestError[] = []
  const reporter: Reporter = {
    onError: (error) => void errors.push(error),
    printsToStdio: () => true,
  }
  try {
    const config = findConfig(file, probesFolder)
    process.chdir(dirname(config ?? file))
    const overrides = runnerOverrides(join(folder, 'output'), reporter)
    const loaded = await runner.loadConfig(config ?? dirname(file), overrides)
    loaded.webServers = []
    await runner.runTests(loaded, { locations: [locationOf(file)], listMode: true })
  } catch (thrown) {
    const { message, stack = '' } = thrown instanceof Error ? thrown : { message: String(thrown) }
    errors.push({ message, stack })
  }
  return causesOf(errors).map((error) => problemOf(tellLoadError(error, place), file, sourceOfFile))
}
