import { createRequire } from 'node:module'
import type { FullConfig, Reporter } from 'playwright/types/testReporter'

/** As much of a loaded config as is used here. */
export type LoadedConfig = {
  config: FullConfig
  /** Taken away before the run: nothing is started beside the tests. */
  webServers: unknown[]
  /** Files, absolute. */
  globalSetups: string[]
}

export type RunOptions = {
  /** Regular expressions of files. */
  locations: string[]
  projectFilter?: string[] | undefined
  /** Loads the tests, and runs none. */
  listMode?: boolean
}

/** Playwright's own test runner, as its command line uses it. */
export type PlaywrightRunner = {
  version: string
  /** @param place a config file, or the folder of a test file that has none; absolute. */
  loadConfig(place: string, overrides: object): Promise<LoadedConfig>
  /** @returns Playwright's word for how it went; what happened is told to the reporter. */
  runTests(config: LoadedConfig, options: RunOptions): Promise<string>
}

/**
 * Its command line cannot say all that a probe must, and the functions below it are no part of what
 * Playwright promises: the version is pinned, and one that lacks them is refused.
 *
 * @throws {Error} when this version of Playwright has other functions.
 */
export function loadPlaywrightRunner(): PlaywrightRunner {
  const require = createRequire(import.meta.url)
  const { version } = require('playwright/package.json')
  const loadConfig = require('playwright/lib/common')?.configLoader?.loadConfigFromFile
  const runTests = require('playwright/lib/runner')?.testRunner?.runAllTestsWithConfig
  if (typeof loadConfig !== 'function' || typeof runTests !== 'function')
    throw new Error(`test files cannot be run by version ${version} of Playwright`)
  return { version, loadConfig, runTests }
}

/** The reporter that Playwright is told to load is the one that its options carry. */
export type ReporterOptions = { reporter: Reporter }
