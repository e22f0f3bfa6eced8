import { join } from 'node:path'
import { defineConfig } from 'playwright/test'

/** As one writes it for a check that runs by itself: one worker, no files besides a line of output. */
export default defineConfig({
  testDir: import.meta.dirname,
  testMatch: 'checkout-playwright.ts',
  outputDir: join(process.env.BENCH_FOLDER ?? '', 'playwright-output'),
  workers: 1,
  reporter: 'line',
  use: {
    launchOptions: {
      executablePath: process.env.BENCH_CHROMIUM ?? '',
      args: JSON.parse(process.env.BENCH_ARGUMENTS ?? '[]') as string[],
    },
  },
})
