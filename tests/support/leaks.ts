import { afterAll, beforeAll } from 'vitest'
import { descendantsOf } from './processes.ts'
import { until } from './until.ts'

/**
 * Fails a test file that leaves a process, a server or a socket behind. On for all integration and
 * system tests.
 */

const LEAKS = ['TCPServerWrap', 'UDPWrap', 'ProcessWrap', 'PipeServerWrap']

let handlesBefore: string[] = []

const openHandles = () =>
  process.getActiveResourcesInfo().filter((resource) => LEAKS.includes(resource))

// A process that lists the processes sees itself out; ours are the ones that stay.
const childProcesses = () =>
  descendantsOf(process.pid).map((entry) => `${entry.pid} ${entry.command.slice(0, 120)}`)

beforeAll(() => {
  handlesBefore = openHandles()
})

afterAll(async () => {
  await until(
    'no process and no server is left behind by this file',
    () => {
      const left = [...childProcesses(), ...openHandles().slice(handlesBefore.length)]
      if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`)
      return true
    },
    { withinMs: 5_000 },
  )
})
