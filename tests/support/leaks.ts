import { mkdtempSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { descendantsOf } from './processes.ts'
import { until } from './until.ts'

/**
 * Fails a test file that leaves a process, a server or a socket behind, or something of ours in the
 * temporary folder. On for all integration and system tests.
 */

const LEAKS = ['TCPServerWrap', 'UDPWrap', 'ProcessWrap', 'PipeServerWrap']

/** As whatever this project puts into the temporary folder is called; browsers have names of their own. */
const OURS = 'firewatch-'

/**
 * Of this file alone, so that what is left in it is told of the file that left it. Its name is short because
 * Chrome makes a socket below it, whose path may only have about 100 characters.
 */
const folder = mkdtempSync(join(tmpdir(), 'fw-'))
process.env.TMPDIR = folder

let handlesBefore: string[] = []

const openHandles = () =>
  process.getActiveResourcesInfo().filter((resource) => LEAKS.includes(resource))

// A process that lists the processes sees itself out; ours are the ones that stay.
const childProcesses = () =>
  descendantsOf(process.pid).map((entry) => `${entry.pid} ${entry.command.slice(0, 120)}`)

const temporaryFiles = async () =>
  (await readdir(folder)).filter((name) => name.startsWith(OURS)).map((name) => join(folder, name))

beforeAll(() => {
  handlesBefore = openHandles()
})

afterAll(async () => {
  try {
    await until(
      'no process, no server and no file is left behind by this file',
      async () => {
        const left = [
          ...childProcesses(),
          ...openHandles().slice(handlesBefore.length),
          ...(await temporaryFiles()),
        ]
        if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`)
        return true
      },
      { withinMs: 5_000 },
    )
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
})
