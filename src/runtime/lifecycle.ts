import { messageOf } from '../base/app-error.ts'
import { within } from './deadline.ts'
import type { Logger } from './logger.ts'

/**
 * What a process must undo when it stops, in reverse order of making.
 *
 * States: running → stopping → stopped. `stop()` may be called often; all calls get the same
 * promise. Each part has {@link STOP_PART_MS}; one that hangs or throws does not keep the others.
 */
export type Lifecycle = {
  /** Aborts when stopping begins; loops and waits listen to it. */
  readonly signal: AbortSignal
  /** A part that is made while everything stops already is stopped at once. */
  onStop(part: string, stop: () => unknown): void
  stop(): Promise<void>
}

/** Most time that one part gets to stop. All of them together must fit into 5 s. */
export const STOP_PART_MS = 3_000

export function createLifecycle(logger: Logger): Lifecycle {
  const controller = new AbortController()
  const parts: { part: string; stop: () => unknown }[] = []
  let stopped: Promise<void> | undefined

  async function stopPart({ part, stop }: { part: string; stop: () => unknown }): Promise<void> {
    try {
      const done = Promise.resolve(stop()).then(() => true)
      if (!(await within(STOP_PART_MS, done))) logger.warn({ part }, 'did not stop in time')
    } catch (error) {
      // The other parts must still stop.
      logger.warn({ part, error: messageOf(error) }, 'failed to stop')
    }
  }

  async function stopParts(): Promise<void> {
    controller.abort()
    for (let part = parts.pop(); part; part = parts.pop()) await stopPart(part)
  }

  return {
    signal: controller.signal,
    onStop(part, stop) {
      if (controller.signal.aborted) void stopPart({ part, stop })
      else parts.push({ part, stop })
    },
    stop: () => (stopped ??= stopParts()),
  }
}

/** Exit codes of a process that a signal ended, as shells count: 128 + the signal's number. */
const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Runs until SIGINT or SIGTERM, or until the parent that holds our IPC channel is gone (a parent
 * that was killed cannot ask us to stop), then stops everything.
 *
 * @returns the exit code that says which signal it was.
 */
export async function untilSignalled(lifecycle: Lifecycle): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const listeners = Object.entries(SIGNAL_EXIT).map(([name, code]) => {
    const listener = () => resolve(code)
    process.on(name, listener)
    return () => process.off(name, listener)
  })
  const orphaned = () => resolve(SIGNAL_EXIT.SIGTERM)
  if (process.connected) process.once('disconnect', orphaned)
  const code = await promise
  await lifecycle.stop()
  for (const remove of listeners) remove()
  process.off('disconnect', orphaned)
  if (process.connected) process.disconnect?.()
  return code
}
