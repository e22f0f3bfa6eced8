import { defineConfig } from 'vitest/config'
import { LongFilesFirst } from './support/long-files-first.ts'

const folder = (name: string) => ({
  name,
  root: new URL('..', import.meta.url).pathname,
  include: [`tests/${name}/**/*.test.ts`],
  // Far more than any of them needs: a busy machine must not make a right answer wrong.
  testTimeout: 30_000,
})

/** Pure ones: they share what they load, which would otherwise take most of their time. */
const pure = (name: string) => ({ test: { ...folder(name), isolate: false } })

/** Those that start servers, processes and browsers: a test that leaves one behind fails. */
const real = (name: string, seconds: number) => ({
  ...folder(name),
  testTimeout: seconds * 1_000,
  hookTimeout: seconds * 1_000,
  setupFiles: ['tests/support/leaks.ts'],
  globalSetup: [
    'tests/support/compile-cache.ts',
    'tests/support/postgres-server.ts',
    'tests/support/dashboard-folder.ts',
  ],
})

const system = real('system', 180)
/** Whole fleets, each with browsers, or runs and lives that are counted in milliseconds. */
const ALONE = ['outage', 'region-cut', 'killed-probe', 'telemetry', 'images'].map(
  (name) => `tests/system/${name}.test.ts`,
)

export default defineConfig({
  test: {
    // The machine that this must pass on has two cores; more files at once only slow each other.
    maxWorkers: 2,
    sequence: { sequencer: LongFilesFirst },
    projects: [
      pure('unit'),
      pure('architecture'),
      pure('contract'),
      { test: real('integration', 60) },
      { test: { ...system, exclude: ALONE, sequence: { groupOrder: 1 } } },
      {
        test: {
          ...system,
          name: 'alone',
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
