import { fileURLToPath } from 'node:url'
import type { Reporter } from 'playwright/types/testReporter'
import { contextOptions } from '../host/set-up-context.ts'
import type { RunOrder } from '../messages.ts'
import type { ReporterOptions } from './playwright-runner.ts'

/**
 * What stands above a Playwright config, in the form of the options of its command line. The first group is
 * the probe's: a run is one attempt, watched by us, that leaves nothing behind. The second is the check's:
 * one test file serves several checks.
 *
 * @throws {TypeError} when the check names a device, time zone or locale that there is not.
 */
export function overridesOf(
  order: Pick<RunOrder, 'browser' | 'ignoreHttpsErrors' | 'target' | 'isDebugged'>,
  { outputDir, reporter }: { outputDir: string; reporter: Reporter },
): object {
  return {
    ...runnerOverrides(outputDir, reporter),
    ...(order.isDebugged && { debug: 'inspector' }),
    use: {
      trace: 'off',
      video: 'off',
      screenshot: 'off',
      ...contextOptions(order.browser),
      ...(order.ignoreHttpsErrors && { ignoreHTTPSErrors: true }),
      ...(order.target !== '' && { baseURL: order.target }),
    },
  }
}

/** What holds also where tests are only looked for. */
export function runnerOverrides(outputDir: string, reporter: Reporter): object {
  const options: ReporterOptions = { reporter }
  return {
    retries: 0,
    workers: 1,
    shard: null,
    forbidOnly: true,
    updateSnapshots: 'none',
    outputDir,
    reporter: [[fileURLToPath(new URL('./pass-reporter.ts', import.meta.url)), options]],
  }
}

/** The test file as Playwright wants to be told of it: a pattern that matches this file only. */
export const locationOf = (file: string): string =>
  `^${file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`
