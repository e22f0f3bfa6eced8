import { defineConfig } from 'vitest/config'

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
  test: {
    ...folder(name),
    testTimeout: seconds * 1_000,
    hookTimeout: seconds * 1_000,
    setupFiles: ['tests/support/leaks.ts'],
    globalSetup: ['tests/support/postgres-server.ts'],
  },
})

export default defineConfig({
  test: {
    // The machine that this must pass on has two cores; more files at once only slow each other.
    maxWorkers: 2,
    projects: [
      pure('unit'),
      pure('architecture'),
      pure('contract'),
      real('integration', 30),
      // Whole fleets, each with browsers: one at a time.
      {
        test: { ...real('system', 120).test, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
