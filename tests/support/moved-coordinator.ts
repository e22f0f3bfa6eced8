import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { CoordinatorOptions } from '../../src/coordinator/coordinator.ts'
import { ACCESS, clientOf } from './coordinator.ts'
import type { MovableClock } from './movable-clock.ts'
import { tempFolder } from './temp-folder.ts'

export type MovedOptions = Pick<
  CoordinatorOptions,
  'fleet' | 'location' | 'dataFolder' | 'access' | 'limits'
> & { now: number; secrets: Record<string, string> }

const MAIN = join(import.meta.dirname, 'moved-coordinator-main.ts')
const DAY_MS = 86_400_000

/**
 * A coordinator as a process of its own that a test kills and starts again, with a wall clock that the
 * test moves. `moveTo` resolves when the process has the time.
 */
export async function movedCoordinator(
  clock: MovableClock,
  options: Pick<MovedOptions, 'fleet' | 'location'> & Partial<MovedOptions>,
) {
  const dataFolder = await tempFolder()
  let child: ChildProcess | undefined

  async function start() {
    const whole: MovedOptions = {
      dataFolder,
      access: ACCESS,
      secrets: {},
      limits: {
        artifactBytesMax: 10_000_000,
        artifactsKeptMs: 365 * DAY_MS,
        historyKeptMs: 365 * DAY_MS,
        inboxDeliveriesMax: 1_000,
      },
      ...options,
      now: clock.now(),
    }
    child = spawn(process.execPath, [MAIN], {
      env: { ...process.env, MOVED_COORDINATOR: JSON.stringify(whole) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const { address } = await said<{ address: string }>(child, 'address')
    return clientOf(address, clock)
  }
  async function kill() {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  onTestFinished(kill)
  return {
    start,
    /** `kill -9`. */
    kill,
    async moveTo(instant: number) {
      clock.set(instant)
      if (!child) return
      const moved = said(child, 'moved')
      child.send(instant)
      await moved
    },
  }
}

async function said<T>(child: ChildProcess, what: string): Promise<T> {
  for (;;) {
    const [message] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`the coordinator ended with ${code}`)
      }),
    ])
    if (typeof message === 'object' && message !== null && what in message) return message as T
  }
}
